// Shows netpoll starved: the workers wait by looking at the clock again and again, and as there are as many as
// GOMAXPROCS, no P is ever idle to look for connections that are ready. That is left to the runtime's monitor, which
// looks every 10 ms, and then the request still waits until a worker's time slice is over.
package main

import (
	"time"

	"example.org/demos/http-servers/netpoll/background"
)

func main() {
	background.Main("busy", func(until time.Time) {
		for time.Now().Before(until) {
		}
	})
}
