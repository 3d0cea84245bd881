// The fixed twin: one timer, set again for every message.
package main

import (
	"time"

	"example.org/demos/timer-abuse/stream"
)

func main() {
	stream.Main("fixed", func(messages <-chan int64, truth *stream.Truth) {
		timer := time.NewTimer(stream.Patience)
		truth.Created++
		for {
			select {
			case message, more := <-messages:
				if !more {
					timer.Stop()
					truth.Stopped++
					return
				}
				truth.Messages++
				truth.Sum += message
				timer.Reset(stream.Patience)
				truth.Reset++
			case <-timer.C:
				truth.Expired++
				return
			}
		}
	})
}
