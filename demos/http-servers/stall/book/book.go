// Package book is the server of the pair: each request makes an entry in a book, and the book is saved from time to
// time, which takes long. They differ in whether the book is locked while it is saved.
//
// The times are absolute, from the first request on: save n (from 0) begins at offset + n x period and ends `length`
// later. By default the saves are at 1.25 s to 1.75 s, 3.75 s to 4.25 s, 6.25 s to 6.75 s ... So after a second of
// warm-up a measured window of k x 2.5 s, from 1 s to 1 s + k x 2.5 s, holds exactly k whole saves, each 250 ms behind
// the begin of its period, and begins and ends without one. Where a save locks the book, a request that is due s
// seconds before the save's end takes s seconds: at a constant rate latencies are spread evenly from 0 to 500 ms over
// a fifth of all requests, so that the share that takes longer than x is (500 ms - x) / 2500 ms: p90 is 250 ms, p95
// 375 ms, p99 475 ms.
//
// The server needs some time B for all answers of a stall's end, first come, first served: a request that came s before
// the end takes B x (1 - s / 500 ms) longer. So B / 2 is added to p90 and B / 20 to p99. B grows with the rate: at
// 500/s, 250 answers, it is 5 to 15 ms on two busy processors; at 100/s a fifth of that, but there percentiles move in
// steps of 10 ms, the time between two requests.
package book

import (
	"encoding/json"
	"flag"
	"io"
	"log"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"example.org/demos/http-servers/serve"
)

var (
	offset = flag.Duration("offset", 1250*time.Millisecond, "time from the first request to the first save")
	period = flag.Duration("period", 2500*time.Millisecond, "time from a save's begin to the next one's")
	length = flag.Duration("length", 500*time.Millisecond, "time that a save takes")
	most   = flag.Int64("saves", 0, "saves to make at most; 0: without end")
)

// Truth is the line that the demo prints. A stall is a save during which the book is locked.
type Truth struct {
	Demo    string `json:"demo"`
	Variant string `json:"variant"`
	serve.Counts
	Entries  int64 `json:"entries"`
	Saves    int64 `json:"saves"`
	Stalls   int64 `json:"stalls"`
	StallsNS int64 `json:"stalls_ns"` // together
	Waited   int64 `json:"requests_stalled"`
}

var (
	lock             sync.RWMutex // held for writing: nobody makes an entry
	entries, waited  atomic.Int64
	stalls, stallsNS atomic.Int64
)

// Stall locks the book while body runs.
func Stall(body func()) {
	lock.Lock()
	defer lock.Unlock()
	begin := time.Now()
	stalls.Add(1)
	body()
	stallsNS.Add(int64(time.Since(begin)))
}

// enter makes an entry. It may run in many goroutines at once, so that all that waited for the lock go on together.
func enter() {
	if !lock.TryRLock() {
		waited.Add(1)
		lock.RLock()
	}
	defer lock.RUnlock()
	entries.Add(1)
}

// keep saves the book on time until stop is closed; a save that has begun is not cut short. It returns how often.
func keep(first <-chan time.Time, stop <-chan struct{}, save func(write func())) (saves int64) {
	var start time.Time
	select {
	case start = <-first:
	case <-stop:
		return 0
	}
	for ; *most == 0 || saves < *most; saves++ {
		due := start.Add(*offset + time.Duration(saves)*(*period))
		select {
		case <-time.After(time.Until(due)):
		case <-stop:
			return saves
		}
		save(func() { time.Sleep(time.Until(due.Add(*length))) })
	}
	return saves
}

// Main runs the server. save calls write, which writes the book out, whenever the book is to be saved.
func Main(variant string, save func(write func())) {
	flag.Parse()
	first := make(chan time.Time, 1)
	stop := make(chan struct{})
	kept := make(chan int64)
	var once sync.Once
	go func() { kept <- keep(first, stop, save) }()
	counts, err := serve.Run(func(w io.Writer, body []byte) error {
		once.Do(func() { first <- time.Now() })
		object, err := serve.Object[json.RawMessage](body)
		if err != nil {
			return err
		}
		answer, err := json.Marshal(map[string]int{"members": len(object)})
		if err != nil {
			return err
		}
		enter() // last, so that what waits for the end of a stall has little left to do
		w.Write(answer)
		return nil
	})
	if err != nil {
		log.Fatal(err)
	}
	close(stop)
	saves := <-kept
	json.NewEncoder(os.Stdout).Encode(Truth{"http-stall", variant, counts, entries.Load(), saves, stalls.Load(),
		stallsNS.Load(), waited.Load()})
}
