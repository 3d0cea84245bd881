// Shows the same background work by workers that sleep until the next portion is due: a P without work waits in
// netpoll, and a request is handled as soon as it is there.
package main

import (
	"time"

	"example.org/demos/http-servers/netpoll/background"
)

func main() {
	background.Main("polite", func(until time.Time) { time.Sleep(time.Until(until)) })
}
