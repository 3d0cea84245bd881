// Package orders lets clerks write orders and hand them to those who store them. The programs of the pair differ in how
// many there are to receive.
package orders

import (
	"encoding/json"
	"flag"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// What an order takes: both only wait, as for a customer and for a disk.
const (
	writing = 20 * time.Millisecond
	storing = time.Millisecond
)

// Truth is the line that the demo prints: its own counters.
type Truth struct {
	Demo      string `json:"demo"`
	Variant   string `json:"variant"`
	Clerks    int    `json:"clerks"`
	Receivers int    `json:"receivers"`
	Sent      int64  `json:"sent"`
	Received  int64  `json:"received"`
	Sum       int64  `json:"sum"`
}

// Main runs the clerks. receivers tells how many goroutines receive from a number of clerks.
func Main(variant string, receivers func(clerks int) int) {
	clerks := flag.Int("clerks", 64, "goroutines that write orders")
	each := flag.Int64("orders", 16, "orders of each")
	flag.Parse()
	orders := make(chan int64)
	var sent, received, sum atomic.Int64
	var writers, readers sync.WaitGroup
	for r := 0; r < receivers(*clerks); r++ {
		readers.Add(1)
		go func() {
			defer readers.Done()
			for order := range orders {
				time.Sleep(storing)
				received.Add(1)
				sum.Add(order)
			}
		}()
	}
	for c := 0; c < *clerks; c++ {
		writers.Add(1)
		go func() {
			defer writers.Done()
			for order := int64(1); order <= *each; order++ {
				time.Sleep(writing)
				orders <- order
				sent.Add(1)
			}
		}()
	}
	writers.Wait()
	close(orders)
	readers.Wait()
	json.NewEncoder(os.Stdout).Encode(Truth{"blocked-sends", variant, *clerks, receivers(*clerks), sent.Load(),
		received.Load(), sum.Load()})
}
