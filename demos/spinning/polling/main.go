// Shows threads that look for work in vain: each runner looks for an errand again and again, with a short sleep in
// between. Every time one wakes up, another thread is woken to look whether there is more to do, and there is not.
package main

import (
	"time"

	"example.org/demos/spinning/errands"
)

func main() {
	errands.Main("polling", func(board *errands.Board) (int64, bool) {
		for {
			board.Looks.Add(1)
			select {
			case errand, more := <-board.Errands:
				return errand, more
			default:
				time.Sleep(50 * time.Microsecond)
			}
		}
	})
}
