// Package load asks a question many times, gives up on some, and tells how many goroutines are left.
package load

import (
	"encoding/json"
	"flag"
	"os"
	"runtime"
	"sync/atomic"
	"time"
)

// Truth is the line that the demo prints. `leaked` is created minus ended, by the program's own counters;
// runtime_goroutines is what the runtime says at the end, the main goroutine taken off.
type Truth struct {
	Demo     string `json:"demo"`
	Variant  string `json:"variant"`
	Created  int64  `json:"created"`
	Ended    int64  `json:"ended"`
	Leaked   int64  `json:"leaked"`
	Answered int64  `json:"answered"`
	GivenUp  int64  `json:"given_up"`
	Runtime  int    `json:"runtime_goroutines"`
}

var created, ended atomic.Int64

// Go starts a goroutine that is counted.
func Go(body func()) {
	created.Add(1)
	go func() {
		defer ended.Add(1)
		body()
	}()
}

// Answer takes some computing.
func Answer(question int64) (sum int64) {
	for i := int64(0); i < 20000; i++ {
		sum += i ^ question
	}
	return sum
}

// Main asks all questions. ask starts the work with Go and returns the channel of the answer; one in ten is given up.
// leaks: the goroutine of a question that was given up can not end.
func Main(variant string, leaks bool, ask func(question int64) <-chan int64) {
	questions := flag.Int64("questions", 10000, "questions to ask; one in ten is given up")
	flag.Parse()
	truth := Truth{Demo: "goroutine-leak", Variant: variant}
	for question := int64(1); question <= *questions; question++ {
		answer := ask(question)
		if question%10 == 1 {
			truth.GivenUp++
			continue
		}
		<-answer
		truth.Answered++
	}
	endable := created.Load()
	if leaks {
		endable -= truth.GivenUp
	}
	truth.Runtime = settle(endable)
	truth.Created, truth.Ended = created.Load(), ended.Load()
	truth.Leaked = truth.Created - truth.Ended
	json.NewEncoder(os.Stdout).Encode(truth)
}

// settle waits until as many goroutines have ended as can; those that leak are blocked by then. It returns how many
// the runtime still knows besides the main goroutine.
func settle(endable int64) int {
	for patience := time.Now().Add(10 * time.Second); ended.Load() < endable && time.Now().Before(patience); {
		time.Sleep(time.Millisecond)
	}
	time.Sleep(20 * time.Millisecond)
	return runtime.NumGoroutine() - 1
}
