// Shows the fixed twin: the pieces are spread over the second, so that each period has a small part of them.
package main

import (
	"time"

	"example.org/demos/throttled/batch"
)

func main() {
	batch.Main("spread", func(pieces int, second time.Duration) {
		start := time.Now()
		for p := 0; p < pieces; p++ {
			time.Sleep(time.Until(start.Add(second * time.Duration(p) / time.Duration(pieces))))
			batch.Piece()
		}
	})
}
