// Shows a program that cpu.max stops: all pieces are done at once, in as many goroutines as GOMAXPROCS. They use up the
// quota of a period in a moment, and then all threads stand still until the next one.
package main

import (
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"example.org/demos/throttled/batch"
)

func main() {
	batch.Main("burst", func(pieces int, _ time.Duration) {
		var next atomic.Int64
		var group sync.WaitGroup
		for w := 0; w < runtime.GOMAXPROCS(0); w++ {
			group.Add(1)
			go func() {
				defer group.Done()
				for next.Add(1) <= int64(pieces) {
					batch.Piece()
				}
			}()
		}
		group.Wait()
	})
}
