// behave does one known thing, so that a trial's verdict and counters have a truth to be compared with.
package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"runtime/debug"
	"strconv"
	"sync"
	"syscall"
	"time"
)

var sink []byte

// spin burns CPU time on n threads for d.
func spin(n int, d time.Duration) {
	var wg sync.WaitGroup
	end := time.Now().Add(d)
	for i := 0; i < n; i++ {
		wg.Add(1)
		go func() {
			for x := 0; time.Now().Before(end); x++ {
				runtime.KeepAlive(x)
			}
			wg.Done()
		}()
	}
	wg.Wait()
}

// burn takes so much CPU time, however long it has to wait for it.
func burn(d time.Duration) {
	for x := 0; ; x++ {
		if x%1000 != 0 {
			continue
		}
		var used syscall.Rusage
		syscall.Getrusage(syscall.RUSAGE_SELF, &used)
		if time.Duration(used.Utime.Nano()+used.Stime.Nano()) >= d {
			return
		}
	}
}

// eat touches n MiB and holds them.
func eat(n int) {
	sink = make([]byte, n<<20)
	for i := 0; i < len(sink); i += 4096 {
		sink[i] = 1
	}
}

// threads blocks n goroutines in a system call each, so that the runtime needs a thread for each.
func threads(n int) {
	var pipe [2]int
	if err := syscall.Pipe(pipe[:]); err != nil {
		panic(err)
	}
	for i := 0; i < n; i++ {
		go syscall.Read(pipe[0], make([]byte, 1))
	}
	time.Sleep(time.Second)
}

func number(i, otherwise int) int {
	if len(os.Args) > i {
		if n, err := strconv.Atoi(os.Args[i]); err == nil {
			return n
		}
	}
	return otherwise
}

func interrupt(code int) {
	c := make(chan os.Signal, 1)
	signal.Notify(c, os.Interrupt)
	fmt.Println("ready")
	fmt.Println("got", <-c)
	os.Exit(code)
}

func ignore() {
	signal.Ignore(os.Interrupt, syscall.SIGTERM)
	fmt.Println("ready")
	time.Sleep(time.Minute)
}

// daemon leaves a child in a session of its own behind.
func daemon() {
	child := exec.Command("/proc/self/exe", "sleep", "60000")
	child.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := child.Start(); err != nil {
		panic(err)
	}
	fmt.Println("left", child.Process.Pid)
}

func deadlock() {
	<-make(chan int)
}

func mapWrite() {
	m := map[int]int{}
	for i := 0; i < 4; i++ {
		go func() {
			for {
				m[1]++
			}
		}()
	}
	time.Sleep(10 * time.Second)
}

func flood(n int) {
	block := bytes.Repeat([]byte("\x00\x1b[2J\xff</script>\n"), 4096)
	for written := 0; written < n<<20; {
		k, err := os.Stdout.Write(block)
		if err != nil {
			panic(err)
		}
		written += k
	}
}

func main() {
	mode := "ok"
	if len(os.Args) > 1 {
		mode = os.Args[1]
	}
	switch mode {
	case "ok":
		fmt.Println("done")
	case "exit":
		os.Exit(number(2, 0))
	case "spin":
		spin(number(2, 1), time.Duration(number(3, 300))*time.Millisecond)
	case "burn":
		burn(time.Duration(number(2, 20)) * time.Millisecond)
	case "eat":
		eat(number(2, 16))
		time.Sleep(time.Duration(number(3, 50)) * time.Millisecond)
	case "threads":
		threads(number(2, 100))
	case "panic":
		panic("on purpose")
	case "deadlock":
		deadlock()
	case "map":
		mapWrite()
	case "sleep":
		time.Sleep(time.Duration(number(2, 100)) * time.Millisecond)
	case "interrupt":
		interrupt(number(2, 0))
	case "ignore":
		ignore()
	case "daemon":
		daemon()
	case "flood":
		flood(number(2, 16))
	case "env":
		fmt.Println(os.Environ(), runtime.GOMAXPROCS(0), os.Args[2:])
	case "override":
		runtime.GOMAXPROCS(1)
		debug.SetGCPercent(50)
		time.Sleep(200 * time.Millisecond)
	case "segv":
		syscall.Kill(syscall.Getpid(), syscall.SIGSEGV)
		time.Sleep(time.Second)
	}
}
