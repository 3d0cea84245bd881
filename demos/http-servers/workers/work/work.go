// Package work is what a request costs in both servers of the pair: a fixed piece of computing that a goroutine other
// than the connection's does. They differ in which goroutine.
package work

import (
	"encoding/json"
	"flag"
	"io"
	"log"
	"os"
	"sync"
	"sync/atomic"

	"example.org/demos/http-servers/primes"
	"example.org/demos/http-servers/serve"
)

const bound = 4000 // the primes below it are counted for each request

// Truth is the line that the demo prints: its own counters.
type Truth struct {
	Demo    string `json:"demo"`
	Variant string `json:"variant"`
	serve.Counts
	Started int64 `json:"goroutines_started"` // to do the requests' work
	Ended   int64 `json:"goroutines_ended"`
	Peak    int64 `json:"working_peak"` // requests that were worked on at once
	Primes  int64 `json:"primes"`
}

var group sync.WaitGroup // of the goroutines that Go starts
var started, ended, working, peak, total atomic.Int64

// Go starts a goroutine for the work of requests.
func Go(body func()) {
	started.Add(1)
	group.Add(1)
	go func() {
		defer group.Done()
		defer ended.Add(1)
		body()
	}()
}

// count is the work of one request.
func count() (found int64) {
	now := working.Add(1)
	for most := peak.Load(); now > most && !peak.CompareAndSwap(most, now); most = peak.Load() {
	}
	found = primes.Below(bound)
	total.Add(found)
	working.Add(-1)
	return found
}

// Main runs the server. start prepares what the program needs and returns do, which lets a goroutine do the job of a
// request and waits for it, and finish, which tells goroutines that wait for more work to end.
func Main(variant string, start func() (do func(job func()), finish func())) {
	flag.Parse()
	do, finish := start()
	counts, err := serve.Run(func(w io.Writer, body []byte) error {
		object, err := serve.Object[json.RawMessage](body)
		if err != nil {
			return err
		}
		var found int64
		do(func() { found = count() })
		json.NewEncoder(w).Encode(map[string]int64{"members": int64(len(object)), "primes": found})
		return nil
	})
	if err != nil {
		log.Fatal(err)
	}
	finish()
	group.Wait()
	json.NewEncoder(os.Stdout).Encode(Truth{"http-workers", variant, counts, started.Load(), ended.Load(), peak.Load(),
		total.Load()})
}
