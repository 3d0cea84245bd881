// The program whose executables the tests of runner/gobin read: with everything of the catalogue of probes that the
// linker leaves out of programs that don't use it, and little else. Started, it tells what it knows of its own counters
// and stops until its standard input ends.
package main

import (
	"runtime"
	"sync"
	"syscall"
	"time"
)

const parked, done = 7, 100

var kept [][]byte

// Of the calling goroutine: "goroutine 18 [running]:".
func id() (number int) {
	var text [64]byte
	runtime.Stack(text[:], false)
	for _, c := range text[len("goroutine "):] {
		if c < '0' || c > '9' {
			break
		}
		number = number*10 + int(c-'0')
	}
	return number
}

func main() {
	t := time.NewTimer(time.Hour)
	t.Reset(time.Hour)
	t.Stop()
	var mutex sync.Mutex
	mutex.Lock()
	go mutex.Unlock()
	mutex.Lock()
	for i := 0; i < parked; i++ {
		go func() { select {} }()
	}
	for i := 0; i < done; i++ {
		go mutex.Unlock()
		mutex.Lock()
		kept = append(kept, make([]byte, 10000))
	}
	for i := 0; i < 3; i++ {
		runtime.GC()
		runtime.Gosched()
	}
	if runtime.NumGoroutine() > 1000 { // never; Go 1.21 keeps its names of reasons to stop the world for that alone
		runtime.StartTrace()
	}
	newest := 0
	go func() { newest = id(); mutex.Unlock() }()
	mutex.Lock()
	for runtime.NumGoroutine() > parked+1 {
		runtime.Gosched()
	}
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	println("created", newest, "now", runtime.NumGoroutine(), "cycles", stats.NumGC, "pause", stats.PauseTotalNs,
		"goal", stats.NextGC, "allocated", stats.TotalAlloc, "procs", runtime.GOMAXPROCS(0))
	var byte [1]byte
	syscall.Read(0, byte[:])
}
