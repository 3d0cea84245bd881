package main

import (
	"io"
	"net"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"

	"truth/procs"
)

func init() {
	modes["writes"] = writes
	modes["blocks"] = blocks
	modes["echo"] = echo
	modes["timers"] = timers
	modes["tickers"] = tickers
	modes["steals"] = steals
	modes["threads"] = threads
}

func writes() {
	const times = 3000
	null, err := syscall.Open("/dev/null", syscall.O_WRONLY, 0)
	if err != nil {
		panic(err)
	}
	for i := 0; i < times; i++ {
		syscall.Write(null, []byte("x"))
	}
	say("calls", times+1) // and the one that opens
}

func makePipe() (ends [2]int) {
	if err := syscall.Pipe(ends[:]); err != nil { // by RawSyscall, which the scheduler does not see
		panic(err)
	}
	return ends
}

// writeRaw keeps its P: a system call that the scheduler knows of could give it to one that comes back from another.
func writeRaw(fd, size int) {
	text := make([]byte, size)
	syscall.RawSyscall(syscall.SYS_WRITE, uintptr(fd), uintptr(unsafe.Pointer(&text[0])), uintptr(size))
}

// Reads of an empty pipe: main writes when the reader is back from the read before and, as the runtime says, in its next
// system call.
func blocks() {
	const times = 10
	pipe := makePipe()
	done := make(chan bool)
	var read int32
	go func() {
		var one [1]byte
		for i := 0; i < times; i++ {
			syscall.Read(pipe[0], one[:])
			atomic.AddInt32(&read, 1)
		}
		done <- true
	}()
	for i := int32(0); i < times; i++ {
		for atomic.LoadInt32(&read) < i {
			runtime.Gosched()
		}
		await(1, "syscall")
		writeRaw(pipe[1], 1)
	}
	<-done
	alone()
	say("calls", times)
	say("blocking", times)
}

// One byte to and fro over TCP.
func echo() {
	const rounds = 300
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	go func() {
		connection, _ := listener.Accept()
		io.Copy(connection, connection)
		connection.Close()
	}()
	connection, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		panic(err)
	}
	one := make([]byte, 1)
	for i := 0; i < rounds; i++ {
		connection.Write(one)
		io.ReadFull(connection, one)
	}
	connection.Close()
	alone()
	say("ready", 2*rounds)
}

func timers() {
	const channels, functions, lost, resets, sleeps = 30, 25, 20, 5, 7
	for i := 0; i < channels; i++ {
		<-time.NewTimer(time.Millisecond).C
	}
	var all sync.WaitGroup
	all.Add(functions)
	for i := 0; i < functions; i++ {
		time.AfterFunc(5*time.Millisecond, all.Done)
	}
	all.Wait()
	ready := make(chan int, 1)
	for i := 0; i < lost; i++ { // made, and another case wins
		ready <- 1
		select {
		case <-ready:
		case <-time.After(time.Hour):
		}
	}
	timer := time.NewTimer(time.Hour)
	for i := 0; i < resets; i++ {
		timer.Reset(time.Hour)
	}
	timer.Stop()
	for i := 0; i < sleeps; i++ {
		time.Sleep(time.Millisecond)
	}
	alone() // AfterFunc's goroutines
	say("made", channels+functions+lost+1)
	say("stopped", 1)
	say("reset", resets)
	say("fired", channels+functions+sleeps)
}

func tickers() {
	const count, ticks = 3, 8
	for i := 0; i < count; i++ {
		ticker := time.NewTicker(3 * time.Millisecond)
		for j := 0; j < ticks; j++ {
			<-ticker.C
		}
		ticker.Stop()
	}
	say("made", count)
	say("stopped", count)
	say("ticks", count*ticks)
}

// Each of the goroutines that one makes notes whether it began on another P than the one into whose queue it was put: there is
// no other way to it than to be stolen.
func steals() {
	const goroutines = 200
	var elsewhere int64
	var all sync.WaitGroup
	all.Add(goroutines)
	for i := 0; i < goroutines; i++ {
		maker := procs.Current()
		go func() {
			if procs.Current() != maker {
				atomic.AddInt64(&elsewhere, 1)
			}
			for start := time.Now(); time.Since(start) < time.Millisecond; {
			}
			all.Done()
		}()
	}
	all.Wait()
	alone()
	say("elsewhere", int(elsewhere))
	say("stolen", 0)
}

// As many goroutines as block in system calls need as many threads. /proc counts them.
func threads() {
	const blocked = 6
	pipe := makePipe()
	var all sync.WaitGroup
	all.Add(blocked)
	for i := 0; i < blocked; i++ {
		go func() {
			var one [1]byte
			syscall.Read(pipe[0], one[:])
			all.Done()
		}()
	}
	await(blocked, "syscall")
	writeRaw(pipe[1], blocked)
	all.Wait()
	alone()
	for i := 0; i < 3; i++ { // one of a system call that took long may still come
		runtime.Gosched()
	}
	tasks, err := os.ReadDir("/proc/self/task")
	if err != nil {
		panic(err)
	}
	say("made", len(tasks)-1) // beside the first
}
