package main

import (
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
)

func init() {
	modes["collects"] = collects
	modes["interrupts"] = interrupts
	modes["turns"] = turns
}

var kept [][]byte

// The heap grows from one collection to the next: the last one has the largest goal, which the runtime tells before it.
func collects() {
	const cycles = 12
	var before, after runtime.MemStats
	debug.SetGCPercent(100)
	for i := 0; i < cycles; i++ {
		kept = append(kept, make([]byte, 1<<20))
		if i == cycles-1 {
			runtime.ReadMemStats(&before)
		}
		runtime.GC()
	}
	runtime.ReadMemStats(&after)
	say("cycles", int(after.NumGC))
	say("stops", 2*int(after.NumGC)+2) // twice more to read the statistics
	say("goal", int(before.NextGC))
}

// Collections while goroutines compute without a call: one at least has to be stopped, on more Ps than one each time.
func interrupts() {
	const cycles, spinners = 6, 2
	var stop, running int32
	var all sync.WaitGroup
	all.Add(spinners)
	for i := 0; i < spinners; i++ {
		go func() {
			atomic.AddInt32(&running, 1)
			for atomic.LoadInt32(&stop) == 0 {
			}
			all.Done()
		}()
	}
	for atomic.LoadInt32(&running) == 0 {
		runtime.Gosched()
	}
	for i := 0; i < cycles; i++ {
		runtime.GC()
	}
	atomic.StoreInt32(&stop, 1)
	all.Wait()
	alone()
	say("cycles", cycles)
	say("preempted", 1)
}

// Three goroutines more than there are Ps compute without a call until all have begun: three have to give way.
func turns() {
	const more = 3
	count := int32(runtime.GOMAXPROCS(0) + more)
	var begun int32
	var all sync.WaitGroup
	all.Add(int(count))
	for i := int32(0); i < count; i++ {
		go func() {
			atomic.AddInt32(&begun, 1)
			for atomic.LoadInt32(&begun) < count {
			}
			all.Done()
		}()
	}
	all.Wait()
	alone()
	say("preempted", more)
}
