// hot SECONDS: burns CPU in functions whose shares it measures itself, one goroutine after the other, SECONDS of CPU time
// each, and prints them. The CPU profile has to find the same shares, goroutines and stacks.
package main

import (
	"encoding/json"
	"os"
	"runtime"
	"strconv"
	"syscall"
	"unsafe"
)

var (
	each  int64 // ns
	done  = make(chan bool)
	sink  uint64
	kept  []byte
	truth struct {
		LargeNs    int64 `json:"large_ns"`
		SmallNs    int64 `json:"small_ns"`
		CallNs     int64 `json:"call_ns"`
		DigNs      int64 `json:"dig_ns"`
		AllocateNs int64 `json:"allocate_ns"`
	}
)

// Without a frame of its own: its caller is found on top of the stack alone.
//
//go:noinline
func leaf(rounds int) uint64 {
	x := uint64(rounds)
	for i := 0; i < rounds; i++ {
		x = x*6364136223846793005 + 1442695040888963407
	}
	return x
}

//go:noinline
func large(rounds int) { sink += leaf(rounds) }

//go:noinline
func small(rounds int) { sink += leaf(rounds) }

// CPU time of the thread that the goroutine is locked to, in ns.
func threadTime() int64 {
	const clock = 3 // CLOCK_THREAD_CPUTIME_ID
	var t syscall.Timespec
	syscall.RawSyscall(syscall.SYS_CLOCK_GETTIME, clock, uintptr(unsafe.Pointer(&t)), 0)
	return t.Nano()
}

// Blocks of varied length, in turns, 3 to 1: no period of a timer fits to them.
func computeWorker() {
	runtime.LockOSThread()
	random := uint64(1)
	for truth.LargeNs+truth.SmallNs < each {
		random = random*6364136223846793005 + 1442695040888963407
		rounds := 100000 + int(random>>48)*4
		start := threadTime()
		large(3 * rounds)
		middle := threadTime()
		small(rounds)
		truth.LargeNs += middle - start
		truth.SmallNs += threadTime() - middle
	}
	done <- true
}

// System calls that do work in the kernel.
func callWorker() {
	runtime.LockOSThread()
	zero, err := os.Open("/dev/zero")
	if err != nil {
		panic(err)
	}
	buffer := make([]byte, 1<<20)
	start := threadTime()
	for threadTime()-start < each {
		for i := 0; i < 16; i++ {
			if _, err := zero.Read(buffer); err != nil {
				panic(err)
			}
		}
	}
	truth.CallNs = threadTime() - start
	done <- true
}

//go:noinline
func deeper(depth, rounds int) {
	if depth == 0 {
		large(rounds)
		return
	}
	deeper(depth-1, rounds)
	sink++ // something is left to do: no jump instead of the call
}

// A stack of known depth: 51 times deeper, large, leaf.
func digWorker() {
	runtime.LockOSThread()
	start := threadTime()
	for threadTime()-start < each {
		deeper(50, 1000000)
	}
	truth.DigNs = threadTime() - start
	done <- true
}

// Memory that the runtime has to find, on its system stack, too.
func allocateWorker() {
	runtime.LockOSThread()
	start := threadTime()
	for threadTime()-start < each {
		for i := 0; i < 100; i++ {
			kept = make([]byte, 64<<10)
		}
	}
	truth.AllocateNs = threadTime() - start
	done <- true
}

//go:noinline
func startCompute() { go computeWorker() }

//go:noinline
func startCall() { go callWorker() }

//go:noinline
func startDig() { go digWorker() }

//go:noinline
func startAllocate() { go allocateWorker() }

func main() {
	seconds, err := strconv.ParseFloat(os.Args[1], 64)
	if err != nil {
		panic(err)
	}
	each = int64(seconds * 1e9)
	for _, start := range []func(){startCompute, startCall, startDig, startAllocate} {
		start()
		<-done
	}
	json.NewEncoder(os.Stdout).Encode(&truth)
}
