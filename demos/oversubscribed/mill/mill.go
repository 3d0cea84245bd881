// Package mill computes in many goroutines that rest for a moment after each turn. The programs of the pair differ in
// how many of them Go lets run at once.
package mill

import (
	"encoding/json"
	"flag"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

const rest = time.Millisecond

// Truth is the line that the demo prints: its own counters.
type Truth struct {
	Demo    string `json:"demo"`
	Variant string `json:"variant"`
	Workers int    `json:"workers"`
	Turns   int64  `json:"turns"`
	Primes  int64  `json:"primes"`
	Procs   int    `json:"gomaxprocs"`
}

// turn computes for a few milliseconds.
func turn() (found int64) {
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

// Main runs the workers after prepare.
func Main(variant string, prepare func()) {
	workers := flag.Int("workers", 32, "goroutines that compute")
	turns := flag.Int("turns", 10, "turns of each")
	flag.Parse()
	prepare()
	var done, primes atomic.Int64
	var group sync.WaitGroup
	for w := 0; w < *workers; w++ {
		group.Add(1)
		go func() {
			defer group.Done()
			for t := 0; t < *turns; t++ {
				primes.Add(turn())
				done.Add(1)
				time.Sleep(rest)
			}
		}()
	}
	group.Wait()
	json.NewEncoder(os.Stdout).Encode(Truth{"oversubscribed", variant, *workers, done.Load(), primes.Load(),
		runtime.GOMAXPROCS(0)})
}
