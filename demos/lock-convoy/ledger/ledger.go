// Package ledger lets many goroutines book entries into one ledger. An entry is first looked up, which takes a while
// (as if from a disk), and then added. The programs of the pair differ in whether the ledger is locked meanwhile.
package ledger

import (
	"encoding/json"
	"flag"
	"os"
	"sync"
	"time"
)

const lookup = time.Millisecond

// Truth is the line that the demo prints: its own counters.
type Truth struct {
	Demo    string `json:"demo"`
	Variant string `json:"variant"`
	Bookers int    `json:"bookers"`
	Booked  int64  `json:"booked"`
	Sum     int64  `json:"sum"`
}

// Ledger is what all share.
type Ledger struct {
	sync.Mutex
	entries int64
	sum     int64
}

// Lookup takes its time.
func Lookup(entry int64) int64 {
	time.Sleep(lookup)
	return entry * 2
}

// Add needs the lock.
func (l *Ledger) Add(amount int64) {
	l.entries++
	l.sum += amount
}

// Main runs the bookers; book books one entry.
func Main(variant string, book func(ledger *Ledger, entry int64)) {
	bookers := flag.Int("bookers", 64, "goroutines that book")
	entries := flag.Int64("entries", 16, "entries of each")
	flag.Parse()
	var ledger Ledger
	var group sync.WaitGroup
	for b := 0; b < *bookers; b++ {
		group.Add(1)
		go func() {
			defer group.Done()
			for entry := int64(1); entry <= *entries; entry++ {
				book(&ledger, entry)
			}
		}()
	}
	group.Wait()
	json.NewEncoder(os.Stdout).Encode(Truth{"lock-convoy", variant, *bookers, ledger.entries, ledger.sum})
}
