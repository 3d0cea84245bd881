package main

import (
	"runtime"
	"sync"
	"sync/atomic"
)

func init() {
	modes["spawn"] = spawn
	modes["crowd"] = crowd
	modes["churn"] = churn
	modes["grows"] = grows
	modes["leaks"] = leaks
	modes["yields"] = yields
}

// 2000 short goroutines in waves, each tenth of which makes two more; some end by Goexit.
func spawn() {
	const waves, each, children = 20, 100, 2
	made := int64(0)
	for wave := 0; wave < waves; wave++ {
		var all sync.WaitGroup
		for i := 0; i < each; i++ {
			all.Add(1)
			ends := i%3 == 0
			parent := i%10 == 0
			go func() {
				defer all.Done()
				atomic.AddInt64(&made, 1)
				for j := 0; parent && j < children; j++ {
					all.Add(1)
					go func() {
						atomic.AddInt64(&made, 1)
						all.Done()
					}()
				}
				if ends {
					runtime.Goexit()
				}
			}()
		}
		all.Wait()
	}
	alone()
	say("made", int(made))
	say("created", int(made)+1) // and main
	say("leaked", 0)
}

// Goroutines that end while the world is stopped again and again: each stop asks every P for the place of the goroutine
// there, whatever it is doing just then.
func churn() {
	const waves, each = 60, 50
	made, stopped := 0, int32(0)
	var done int32
	var stops sync.WaitGroup
	stops.Add(1)
	go func() {
		var stats runtime.MemStats
		for atomic.LoadInt32(&done) == 0 {
			runtime.ReadMemStats(&stats)
			atomic.AddInt32(&stopped, 1)
			runtime.Gosched()
		}
		stops.Done()
	}()
	for wave := 0; wave < waves; wave++ {
		var all sync.WaitGroup
		for i := 0; i < each; i++ {
			all.Add(1)
			made++
			go all.Done()
		}
		all.Wait()
	}
	atomic.StoreInt32(&done, 1)
	stops.Wait()
	alone()
	say("made", made+1)
	say("created", made+2)
	say("stops", int(stopped))
	say("leaked", 0)
}

// 150 goroutines that are all alive at once.
func crowd() {
	const size = 150
	gate := make(chan bool)
	for i := 0; i < size; i++ {
		go func() { <-gate }()
	}
	most := runtime.NumGoroutine()
	await(size, "chan receive")
	close(gate)
	alone()
	say("peak", most)
}

//go:noinline
func deep(depth int) byte {
	var frame [4096]byte
	frame[depth] = 1
	if depth > 0 {
		return deep(depth-1) + frame[depth]
	}
	return frame[0]
}

// Fresh goroutines whose stacks must grow: runtime functions run their first instructions twice.
func grows() {
	const times = 300
	sum := make(chan byte)
	for i := 0; i < times; i++ {
		go func() { sum <- deep(8) }()
		<-sum
	}
	alone()
	say("made", times)
	say("created", times+1)
}

// Goroutines that wait for ever, for one reason or another.
func leaks() {
	const each = 10
	sent, a, b := make(chan bool), make(chan bool), make(chan bool)
	var lock sync.Mutex
	lock.Lock()
	for i := 0; i < each; i++ {
		go func() { sent <- true }()
		go func() {
			select {
			case <-a:
			case <-b:
			}
		}()
		go lock.Lock()
	}
	await(each, "chan send")
	await(each, "select")
	await(each, mutexStates...)
	say("leaked", 3*each)
}

func yields() {
	const each, goroutines = 200, 10
	var all sync.WaitGroup
	all.Add(goroutines)
	for i := 0; i < goroutines; i++ {
		go func() {
			for j := 0; j < each; j++ {
				runtime.Gosched()
			}
			all.Done()
		}()
	}
	all.Wait()
	say("yields", each*goroutines+alone())
}
