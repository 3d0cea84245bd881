// known does one thing a known number of times: known MODE N.
package main

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"syscall"
	"time"
)

func sleeps(n int) {
	for i := 0; i < n; i++ {
		time.Sleep(10 * time.Millisecond)
	}
}

// buffered sends to and receives from a channel that is never full and never empty.
func buffered(n int) {
	c := make(chan int, 2)
	c <- 0
	for i := 0; i < n; i++ {
		c <- i
		<-c
	}
}

func writes(n int) {
	fd, err := syscall.Open("/dev/null", syscall.O_WRONLY, 0)
	if err != nil {
		panic(err)
	}
	for i := 0; i < n; i++ {
		syscall.Write(fd, []byte("x"))
	}
}

func timers(n int) {
	for i := 0; i < n; i++ {
		t := time.NewTimer(time.Hour)
		t.Reset(2 * time.Hour)
		t.Stop()
	}
}

// deep runs a function with a large frame on a fresh goroutine, so that its stack must grow.
//
//go:noinline
func deep(depth int) byte {
	var frame [4096]byte
	frame[depth] = 1
	if depth > 0 {
		return deep(depth-1) + frame[depth]
	}
	return frame[0]
}

func grows(n int) {
	c := make(chan byte)
	for i := 0; i < n; i++ {
		go func() { c <- deep(8) }()
		<-c
	}
	for runtime.NumGoroutine() > 1 { // the last one has sent, but may not have ended
		runtime.Gosched()
	}
}

func yields(n int) {
	for i := 0; i < n; i++ {
		runtime.Gosched()
	}
}

// spins uses n milliseconds of CPU time on one thread.
func spins(n int) {
	var start, now syscall.Rusage
	syscall.Getrusage(0, &start)
	for used := 0; used < n; {
		syscall.Getrusage(0, &now)
		used = int((now.Utime.Nano() + now.Stime.Nano() - start.Utime.Nano() - start.Stime.Nano()) / 1e6)
	}
}

// settles makes n goroutines one after the other and n/10 + 1 collections, says what the runtime counted, and rests, so
// that who looks from outside sees the same.
func settles(n int) {
	done := make(chan bool)
	for i := 0; i < n; i++ {
		go func() { done <- true }()
		<-done
	}
	for i := 0; i <= n/10; i++ { // once at least: the first makes the workers
		runtime.GC()
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	fmt.Printf("{\"numgc\":%d,\"pause_ns\":%d}\n", m.NumGC, m.PauseTotalNs)
	time.Sleep(300 * time.Millisecond)
}

func main() {
	n, err := strconv.Atoi(os.Args[2])
	if err != nil {
		panic(err)
	}
	modes := map[string]func(int){"sleeps": sleeps, "buffered": buffered, "writes": writes, "timers": timers,
		"grows": grows, "yields": yields, "spins": spins, "settles": settles}
	modes[os.Args[1]](n)
	fmt.Printf("{\"%s\":%d}\n", os.Args[1], n)
}
