// Package batch has a number of small pieces of computing to do every second. The programs of the pair differ in when
// they do them: the CPU time is the same, and far less than the quota (cpu.max) of the manifest allows in a second, but
// the quota counts for each period of 100 ms on its own.
package batch

import (
	"encoding/json"
	"flag"
	"os"
	"sync/atomic"
	"time"
)

// Truth is the line that the demo prints: its own counters.
type Truth struct {
	Demo    string `json:"demo"`
	Variant string `json:"variant"`
	Batches int    `json:"batches"`
	Pieces  int64  `json:"pieces"`
	Primes  int64  `json:"primes"`
}

var pieces, primes atomic.Int64

// Piece computes for some 100 us.
func Piece() {
	found := int64(0)
	for n := int64(2); n < 5000; n++ {
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
	pieces.Add(1)
}

// Main runs the batches, one a second. do does all pieces of a batch; it has a second for that.
func Main(variant string, do func(pieces int, second time.Duration)) {
	batches := flag.Int("batches", 2, "batches to do")
	size := flag.Int("pieces", 400, "pieces of each")
	second := flag.Duration("second", time.Second, "time from one batch to the next")
	flag.Parse()
	start := time.Now()
	for b := 0; b < *batches; b++ {
		time.Sleep(time.Until(start.Add(time.Duration(b) * *second)))
		do(*size, *second)
	}
	json.NewEncoder(os.Stdout).Encode(Truth{"throttled", variant, *batches, pieces.Load(), primes.Load()})
}
