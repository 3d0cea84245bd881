// A program that works until it is told to stop, finishes what it is at, and reports how it was stopped.
package main

import (
	"encoding/json"
	"flag"
	"os"
	"os/signal"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// Truth is the line that the demo prints.
type Truth struct {
	Demo     string `json:"demo"`
	Signal   string `json:"signal"`
	Workers  int    `json:"workers"`
	Started  int64  `json:"jobs_started"`
	Finished int64  `json:"jobs_finished"`
}

// job sleeps and computes a little; it is never cut short.
func job() (sum int) {
	time.Sleep(2 * time.Millisecond)
	for i := 0; i < 100000; i++ {
		sum += i * i
	}
	return sum
}

func main() {
	workers := flag.Int("workers", 4, "goroutines that work")
	limit := flag.Duration("limit", 0, "end by itself after this time; 0: only when told")
	flag.Parse()
	interrupts := make(chan os.Signal, 1)
	signal.Notify(interrupts, os.Interrupt, syscall.SIGTERM)

	var started, finished, checksum atomic.Int64
	var group sync.WaitGroup
	stop := make(chan struct{})
	for w := 0; w < *workers; w++ {
		group.Add(1)
		go func() {
			defer group.Done()
			for {
				select {
				case <-stop:
					return
				default:
				}
				started.Add(1)
				checksum.Add(int64(job()))
				finished.Add(1)
			}
		}()
	}

	var expired <-chan time.Time
	if *limit > 0 {
		expired = time.After(*limit)
	}
	how := "none"
	select {
	case received := <-interrupts:
		how = received.String()
	case <-expired:
	}
	close(stop)
	group.Wait()
	json.NewEncoder(os.Stdout).Encode(Truth{"interrupt", how, *workers, started.Load(), finished.Load()})
}
