// collect K: runs the garbage collector K times while goroutines spin, so that it has to preempt them for
// their stacks; prints the truth as one JSON line. Run it with GOGC=off.
package main

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"sync/atomic"
)

func main() {
	cycles, _ := strconv.Atoi(os.Args[1])
	var stop int32
	done := make(chan int)
	for i := 0; i < 2; i++ {
		go func() {
			turns := 0
			for atomic.LoadInt32(&stop) == 0 {
				turns++
			}
			done <- turns
		}()
	}
	for i := 0; i < cycles; i++ {
		runtime.GC()
	}
	atomic.StoreInt32(&stop, 1)
	<-done
	<-done
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	fmt.Printf("{\"cycles\": %d, \"next_gc\": %d}\n", stats.NumGC, stats.NextGC)
}
