// scheduler MODE: makes the Go scheduler do something a known number of times and prints that number.
package main

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"
)

var modes = map[string]func(){
	"none":     func() {},
	"yields":   yields,
	"spin":     spin,
	"steal":    steal,
	"syscalls": syscalls,
	"echo":     echo,
	"timers":   timers,
	"locks":    locks,
	"nested":   nested,
	"threads":  threads,
}

func main() {
	mode := modes[os.Args[1]]
	if mode == nil {
		fmt.Println("{\"unknown\": 1}")
		return
	}
	mode()
}

func yields() {
	const each, goroutines = 500, 20
	var group sync.WaitGroup
	group.Add(goroutines)
	for i := 0; i < goroutines; i++ {
		go func() {
			for j := 0; j < each; j++ {
				runtime.Gosched()
			}
			group.Done()
		}()
	}
	group.Wait()
	fmt.Printf("{\"yields\": %d}\n", each*goroutines)
}

// More goroutines than Ps compute without a call for about 1 ms, so that as a rule a signal has to interrupt them. A jump of the clock is
// a time in which others ran.
func spin() {
	var jumps int64
	var group sync.WaitGroup
	end := time.Now().Add(600 * time.Millisecond)
	for i := 0; i < runtime.GOMAXPROCS(0)+2; i++ {
		group.Add(1)
		go func() {
			for last := time.Now(); last.Before(end); {
				x := 0
				for k := 0; k < 2000000; k++ {
					x += k
				}
				runtime.KeepAlive(x)
				now := time.Now()
				if now.Sub(last) > 4*time.Millisecond {
					atomic.AddInt64(&jumps, 1)
				}
				last = now
			}
			group.Done()
		}()
	}
	group.Wait()
	fmt.Printf("{\"jumps\": %d}\n", jumps)
}

func tid() uintptr {
	id, _, _ := syscall.RawSyscall(syscall.SYS_GETTID, 0, 0, 0)
	return id
}

// One goroutine makes 200, each of which computes for 1 ms and notes whether it began on another thread.
func steal() {
	const goroutines = 200
	var elsewhere int64
	var group sync.WaitGroup
	mine := tid()
	group.Add(goroutines)
	for i := 0; i < goroutines; i++ {
		go func() {
			if tid() != mine {
				atomic.AddInt64(&elsewhere, 1)
			}
			for start := time.Now(); time.Since(start) < time.Millisecond; {
			}
			group.Done()
		}()
	}
	group.Wait()
	fmt.Printf("{\"elsewhere\": %d}\n", elsewhere)
}

// Whether the kernel has put the thread to sleep (proc_pid_stat(5)); asked for without a system call that the runtime knows of.
func sleeps(thread int32) bool {
	path := append([]byte("/proc/self/task/"+strconv.Itoa(int(thread))+"/stat"), 0)
	file, _, failed := syscall.RawSyscall(syscall.SYS_OPEN, uintptr(unsafe.Pointer(&path[0])), syscall.O_RDONLY, 0)
	if failed != 0 {
		panic(failed)
	}
	var text [256]byte
	size, _, _ := syscall.RawSyscall(syscall.SYS_READ, file, uintptr(unsafe.Pointer(&text[0])), uintptr(len(text)))
	syscall.RawSyscall(syscall.SYS_CLOSE, file, 0, 0)
	name := bytes.LastIndexByte(text[:size], ')')
	return name >= 0 && text[name+2] == 'S'
}

// 5000 short writes by one goroutine, then 10 reads of an empty pipe that take 20 ms each by another.
func syscalls() {
	const short, blocking = 5000, 10
	var group sync.WaitGroup
	var pipe [2]int
	one := []byte("x")
	null, _ := syscall.Open("/dev/null", syscall.O_WRONLY, 0)
	syscall.Pipe(pipe[:])
	group.Add(1)
	go func() {
		for i := 0; i < short; i++ {
			syscall.Write(null, one)
		}
		group.Done()
	}()
	group.Wait()
	group.Add(1)
	var reading, thread int32
	go func() {
		var answer [1]byte
		for i := 0; i < blocking; i++ {
			id, _, _ := syscall.RawSyscall(syscall.SYS_GETTID, 0, 0, 0)
			atomic.StoreInt32(&thread, int32(id))
			atomic.AddInt32(&reading, 1)
			syscall.Read(pipe[0], answer[:])
		}
		group.Done()
	}()
	pause := syscall.Timespec{Nsec: 100000}
	for i := int32(0); i < blocking; i++ {
		for atomic.LoadInt32(&reading) <= i || !sleeps(atomic.LoadInt32(&thread)) {
			// Without a pause the scheduler's own lock is always held, and the reader's return sleeps for it.
			syscall.RawSyscall(syscall.SYS_NANOSLEEP, uintptr(unsafe.Pointer(&pause)), 0, 0)
			runtime.Gosched()
		}
		time.Sleep(20 * time.Millisecond)
		syscall.Write(pipe[1], one)
	}
	group.Wait()
	fmt.Printf("{\"entered\": %d, \"blocking\": %d}\n", short+2*blocking, blocking)
}

// One byte to and fro 500 times over TCP: two reads a round have to wait.
func echo() {
	const rounds = 500
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
	fmt.Printf("{\"rounds\": %d}\n", rounds)
}

func timers() {
	const channels, functions, lost, tickers, ticks, resets, sleeps = 30, 25, 20, 3, 5, 5, 7
	for i := 0; i < channels; i++ {
		<-time.NewTimer(time.Millisecond).C
	}
	var group sync.WaitGroup
	group.Add(functions)
	for i := 0; i < functions; i++ {
		time.AfterFunc(5*time.Millisecond, group.Done)
	}
	group.Wait()
	ready := make(chan int, 1)
	for i := 0; i < lost; i++ { // made, and another case wins
		ready <- 1
		select {
		case <-ready:
		case <-time.After(time.Hour):
		}
	}
	for i := 0; i < tickers; i++ {
		ticker := time.NewTicker(10 * time.Millisecond)
		for j := 0; j < ticks; j++ {
			<-ticker.C
		}
		ticker.Stop()
	}
	timer := time.NewTimer(time.Hour)
	for i := 0; i < resets; i++ {
		timer.Reset(time.Hour)
	}
	timer.Stop()
	for i := 0; i < sleeps; i++ {
		time.Sleep(time.Millisecond)
	}
	fmt.Printf("{\"made\": %d, \"stopped\": %d, \"reset\": %d, \"fired\": %d, \"periodic\": %d}\n",
		channels+functions+lost+tickers+1, tickers+1, resets, channels+functions+tickers*ticks+sleeps,
		tickers*ticks)
}

// Returns when n goroutines are in one of two states, as the runtime writes it: a mutex is what semacquire waits for up to
// Go 1.19.
func await(n int, state, before string) {
	text := make([]byte, 1<<18)
	for found := 0; found < n; runtime.Gosched() {
		dump := string(text[:runtime.Stack(text, true)])
		found = strings.Count(dump, " ["+state) + strings.Count(dump, " ["+before)
	}
}

// 30 goroutines wait for one mutex.
func locks() {
	const waiters = 30
	var mutex sync.Mutex
	var group sync.WaitGroup
	mutex.Lock()
	group.Add(waiters)
	for i := 0; i < waiters; i++ {
		go func() {
			mutex.Lock()
			mutex.Unlock()
			group.Done()
		}()
	}
	await(waiters, "sync.Mutex.Lock", "semacquire")
	mutex.Unlock()
	group.Wait()
	fmt.Printf("{\"waiters\": %d}\n", waiters)
}

//go:noinline
func receive(from chan int) int { return <-from + 1 }

//go:noinline
func middle(from chan int) int { return receive(from) + 1 }

//go:noinline
func outer(from chan int, to chan int) {
	for i := 0; i < 20; i++ {
		to <- middle(from)
	}
}

// A goroutine waits 20 times in receive < middle < outer.
func nested() {
	from, to := make(chan int), make(chan int, 1)
	go outer(from, to)
	for i := 0; i < 20; i++ {
		time.Sleep(time.Millisecond)
		from <- i
		<-to
	}
	fmt.Printf("{\"waits\": %d}\n", 20)
}

// As many goroutines as block in system calls need as many threads.
func threads() {
	const blocked = 6
	var pipe [2]int
	var group sync.WaitGroup
	syscall.Pipe(pipe[:])
	group.Add(blocked)
	for i := 0; i < blocked; i++ {
		go func() {
			var answer [1]byte
			syscall.Read(pipe[0], answer[:])
			group.Done()
		}()
	}
	time.Sleep(100 * time.Millisecond)
	tasks, _ := os.ReadDir("/proc/self/task")
	syscall.Write(pipe[1], make([]byte, blocked))
	group.Wait()
	fmt.Printf("{\"threads\": %d}\n", len(tasks))
}
