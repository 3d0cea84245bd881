// Each request gets a goroutine of its own.
package main

import (
	"sync"

	"example.org/demos/worker-pool/work"
)

func main() {
	work.Main("per-request", func(requests int64) {
		var group sync.WaitGroup
		for request := int64(0); request < requests; request++ {
			request := request
			work.Started()
			group.Add(1)
			go func() {
				defer group.Done()
				work.Handle(request)
			}()
		}
		group.Wait()
	})
}
