// Package background is the server of the pair, and work that has nothing to do with its requests: workers that each do
// a small portion of computing whenever one is due. They differ in how a worker waits for the next portion. The amount
// of work is the same: as many portions as became due, at absolute times, while the server ran.
package background

import (
	"encoding/json"
	"flag"
	"io"
	"log"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"example.org/demos/http-servers/primes"
	"example.org/demos/http-servers/serve"
)

const bound = 2000 // a portion counts the primes below it

var (
	workers = flag.Int("workers", 2, "goroutines that work in the background; as many as GOMAXPROCS take every P")
	every   = flag.Duration("every", 2*time.Millisecond, "time between two portions of a worker")
)

// Truth is the line that the demo prints.
type Truth struct {
	Demo    string `json:"demo"`
	Variant string `json:"variant"`
	serve.Counts
	Workers int   `json:"workers"`
	RanNS   int64 `json:"ran_ns"`
	Due     int64 `json:"portions_due"` // workers x (ran_ns / every)
	Done    int64 `json:"portions_done"`
	Primes  int64 `json:"primes"`
}

var done, found atomic.Int64

func portion() {
	found.Add(primes.Below(bound))
	done.Add(1)
}

// work does all portions that become due from start until the time in `end`, nanoseconds behind start; 0: no end yet.
func work(start time.Time, end *atomic.Int64, wait func(until time.Time)) {
	for due := *every; ; due += *every {
		wait(start.Add(due))
		if last := end.Load(); last != 0 && int64(due) > last {
			return
		}
		portion()
	}
}

// Main runs the server. wait returns when it is time for the next portion.
func Main(variant string, wait func(until time.Time)) {
	flag.Parse()
	start := time.Now()
	var end atomic.Int64
	var group sync.WaitGroup
	for w := 0; w < *workers; w++ {
		group.Add(1)
		go func() {
			defer group.Done()
			work(start, &end, wait)
		}()
	}
	counts, err := serve.Run(func(w io.Writer, body []byte) error {
		object, err := serve.Object[json.RawMessage](body)
		if err != nil {
			return err
		}
		json.NewEncoder(w).Encode(map[string]int{"members": len(object)})
		return nil
	})
	if err != nil {
		log.Fatal(err)
	}
	ran := time.Since(start)
	end.Store(int64(ran))
	group.Wait()
	json.NewEncoder(os.Stdout).Encode(Truth{"http-netpoll", variant, counts, *workers, int64(ran),
		int64(*workers) * int64(ran / *every), done.Load(), found.Load()})
}
