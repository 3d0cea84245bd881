// Package errands gives a number of runners something to do now and then. The programs of the pair differ in how a
// runner waits for its next errand.
package errands

import (
	"encoding/json"
	"flag"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// Truth is the line that the demo prints: its own counters.
type Truth struct {
	Demo    string `json:"demo"`
	Variant string `json:"variant"`
	Runners int    `json:"runners"`
	Given   int64  `json:"errands_given"`
	Done    int64  `json:"errands_done"`
	Looks   int64  `json:"looks"` // for an errand, whether there was one or not
}

// Board holds the errands of one runner.
type Board struct {
	Errands chan int64
	Looks   atomic.Int64
}

// Main gives all errands. take waits for the next one; false: no more will come.
func Main(variant string, take func(board *Board) (errand int64, more bool)) {
	runners := flag.Int("runners", 4, "goroutines that do errands")
	rounds := flag.Int("rounds", 50, "errands for each")
	pause := flag.Duration("pause", 20*time.Millisecond, "time between two rounds")
	flag.Parse()
	truth := Truth{Demo: "spinning", Variant: variant, Runners: *runners}
	boards := make([]Board, *runners)
	var done atomic.Int64
	var group sync.WaitGroup
	for r := range boards {
		board := &boards[r]
		board.Errands = make(chan int64, *rounds)
		group.Add(1)
		go func() {
			defer group.Done()
			for _, more := take(board); more; _, more = take(board) {
				done.Add(1)
			}
		}()
	}
	for round := int64(0); round < int64(*rounds); round++ {
		time.Sleep(*pause)
		for r := range boards {
			boards[r].Errands <- round
			truth.Given++
		}
	}
	for r := range boards {
		close(boards[r].Errands)
	}
	group.Wait()
	for r := range boards {
		truth.Looks += boards[r].Looks.Load()
	}
	truth.Done = done.Load()
	json.NewEncoder(os.Stdout).Encode(truth)
}
