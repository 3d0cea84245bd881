// Shows a bounded pool: a few goroutines, started once, do the work of all requests; the others wait their turn.
package main

import (
	"flag"

	"example.org/demos/http-servers/workers/work"
)

var workers = flag.Int("workers", 4, "goroutines that do the work")

type task struct {
	job  func()
	done chan struct{}
}

func main() {
	work.Main("pool", func() (func(func()), func()) {
		queue := make(chan task)
		for w := 0; w < *workers; w++ {
			work.Go(func() {
				for task := range queue {
					task.job()
					close(task.done)
				}
			})
		}
		do := func(job func()) {
			done := make(chan struct{})
			queue <- task{job, done}
			<-done
		}
		return do, func() { close(queue) }
	})
}
