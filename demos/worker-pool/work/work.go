// Package work is the request that both programs of the pair handle: they differ in who handles it.
package work

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"sync/atomic"
)

// Truth is the line that the demo prints: its own counters.
type Truth struct {
	Demo      string `json:"demo"`
	Variant   string `json:"variant"`
	Requests  int64  `json:"requests"`
	Created   int64  `json:"goroutines_created"`
	Peak      int64  `json:"in_flight_peak"`
	Primes    int64  `json:"primes"`
	Remaining int64  `json:"in_flight_at_end"`
}

var created, inFlight, peak, handled, primes atomic.Int64

// Started counts a goroutine that the program starts to handle requests.
func Started() { created.Add(1) }

// Handle is one request: it counts the primes among the numbers below a small bound by trial division.
func Handle(request int64) {
	now := inFlight.Add(1)
	for most := peak.Load(); now > most && !peak.CompareAndSwap(most, now); most = peak.Load() {
	}
	found := int64(0)
	for n := int64(2); n < 160+request%8; n++ {
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
	primes.Add(found)
	handled.Add(1)
	inFlight.Add(-1)
}

// Main runs the program: run gets the number of requests and returns when all are handled.
func Main(variant string, run func(requests int64)) {
	requests := flag.Int64("requests", 100000, "requests to handle")
	flag.Parse()
	run(*requests)
	if handled.Load() != *requests {
		fmt.Fprintln(os.Stderr, "requests were lost")
		os.Exit(1)
	}
	json.NewEncoder(os.Stdout).Encode(Truth{"worker-pool", variant, handled.Load(), created.Load(), peak.Load(),
		primes.Load(), inFlight.Load()})
}
