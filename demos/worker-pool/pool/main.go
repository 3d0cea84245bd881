// A fixed number of workers takes the requests from a channel.
package main

import (
	"flag"
	"sync"

	"example.org/demos/worker-pool/work"
)

var workers = flag.Int("workers", 4, "goroutines that handle requests")

func main() {
	work.Main("pool", func(requests int64) {
		var group sync.WaitGroup
		queue := make(chan int64, 64)
		for w := 0; w < *workers; w++ {
			work.Started()
			group.Add(1)
			go func() {
				defer group.Done()
				for request := range queue {
					work.Handle(request)
				}
			}()
		}
		for request := int64(0); request < requests; request++ {
			queue <- request
		}
		close(queue)
		group.Wait()
	})
}
