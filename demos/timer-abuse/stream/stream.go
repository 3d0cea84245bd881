// Package stream feeds messages to a consumer that must also notice when they stop coming.
package stream

import (
	"encoding/json"
	"flag"
	"os"
	"time"
)

// Patience is how long a consumer waits for the next message; it never runs out here.
const Patience = time.Minute

// Truth is the line that the demo prints: its own counters.
type Truth struct {
	Demo     string `json:"demo"`
	Variant  string `json:"variant"`
	Messages int64  `json:"messages"`
	Created  int64  `json:"timers_created"`
	Reset    int64  `json:"timers_reset"`
	Stopped  int64  `json:"timers_stopped"`
	Expired  int64  `json:"timers_expired"`
	Sum      int64  `json:"sum"`
}

// Main sends the messages to consume, which fills in what it did to timers.
func Main(variant string, consume func(messages <-chan int64, truth *Truth)) {
	count := flag.Int64("messages", 300000, "messages to send")
	flag.Parse()
	messages := make(chan int64, 16)
	truth := Truth{Demo: "timer-abuse", Variant: variant}
	go func() {
		for message := int64(1); message <= *count; message++ {
			messages <- message
		}
		close(messages)
	}()
	consume(messages, &truth)
	json.NewEncoder(os.Stdout).Encode(truth)
}
