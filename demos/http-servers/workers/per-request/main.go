// Shows a goroutine for each request: as many work at once as requests come in.
package main

import "example.org/demos/http-servers/workers/work"

func main() {
	work.Main("per-request", func() (func(func()), func()) {
		do := func(job func()) {
			done := make(chan struct{})
			work.Go(func() {
				job()
				close(done)
			})
			<-done
		}
		return do, func() {}
	})
}
