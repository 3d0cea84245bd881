// Package exchange is a server on the loopback and its clients, beside a heap of computing that has nothing to do with
// them. The programs of the pair differ in how many goroutines compute at once.
package exchange

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

const pause = 5 * time.Millisecond // of a client between an answer and its next question

// Truth is the line that the demo prints: its own counters.
type Truth struct {
	Demo       string `json:"demo"`
	Variant    string `json:"variant"`
	Questions  int64  `json:"questions"`
	Answers    int64  `json:"answers"`
	Portions   int64  `json:"portions"`
	Primes     int64  `json:"primes"`
	Workers    int    `json:"workers"`
	MeanAnswer int64  `json:"mean_answer_ns"`
}

var questions, answers, answersNS, portions, primes atomic.Int64

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

// answer sends back what comes, until the client hangs up.
func answer(connection net.Conn) {
	defer connection.Close()
	if _, err := io.Copy(connection, connection); err != nil {
		fail(err)
	}
}

func serve(listener net.Listener) {
	for {
		connection, err := listener.Accept()
		if err != nil {
			return
		}
		go answer(connection)
	}
}

func ask(address string, count int) {
	connection, err := net.Dial("tcp", address)
	if err != nil {
		fail(err)
	}
	defer connection.Close()
	var text [8]byte
	for i := 0; i < count; i++ {
		begin := time.Now()
		questions.Add(1)
		if _, err := connection.Write(text[:]); err != nil {
			fail(err)
		}
		if _, err := io.ReadFull(connection, text[:]); err != nil {
			fail(err)
		}
		answers.Add(1)
		answersNS.Add(int64(time.Since(begin)))
		time.Sleep(pause)
	}
}

// portion computes for some milliseconds, without a call that would let others run.
func portion() (found int64) {
	for n := int64(2); n < 30000; n++ {
		prime := true
		for d := int64(2); d*d <= n; d++ {
			if n%d == 0 {
				prime = false
				break
			}
		}
		if prime {
			found++
		}
	}
	return found
}

// compute does its part of the portions that are left.
func compute(left *atomic.Int64) {
	for left.Add(-1) >= 0 {
		primes.Add(portion())
		portions.Add(1)
	}
}

// Main answers all questions while `workers` goroutines compute.
func Main(variant string, workers int) {
	clients := flag.Int("clients", 8, "connections")
	count := flag.Int("questions", 50, "of each client")
	work := flag.Int64("portions", 1000, "to compute in all")
	flag.Parse()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fail(err)
	}
	go serve(listener)
	var group sync.WaitGroup
	var left atomic.Int64
	left.Store(*work)
	for w := 0; w < workers; w++ {
		group.Add(1)
		go func() {
			defer group.Done()
			compute(&left)
		}()
	}
	for c := 0; c < *clients; c++ {
		group.Add(1)
		go func() {
			defer group.Done()
			ask(listener.Addr().String(), *count)
		}()
	}
	group.Wait()
	listener.Close()
	json.NewEncoder(os.Stdout).Encode(Truth{"netpoll-starvation", variant, questions.Load(), answers.Load(),
		portions.Load(), primes.Load(), workers, answersNS.Load() / answers.Load()})
}

// Procs is how many goroutines Go lets run at once.
func Procs() int { return runtime.GOMAXPROCS(0) }
