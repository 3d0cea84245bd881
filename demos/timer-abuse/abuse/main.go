// The mistake: time.After in a loop makes a timer for every message. None of them ever fires, and with the timers
// of Go before 1.23 (the go line of go.mod decides) each stays in the heap until its minute is over.
package main

import (
	"time"

	"example.org/demos/timer-abuse/stream"
)

func main() {
	stream.Main("abuse", func(messages <-chan int64, truth *stream.Truth) {
		for {
			truth.Created++
			select {
			case message, more := <-messages:
				if !more {
					return
				}
				truth.Messages++
				truth.Sum += message
			case <-time.After(stream.Patience):
				truth.Expired++
				return
			}
		}
	})
}
