// Shows the fixed twin: a runner waits in the receive, and is woken when there is an errand.
package main

import "example.org/demos/spinning/errands"

func main() {
	errands.Main("waiting", func(board *errands.Board) (int64, bool) {
		board.Looks.Add(1)
		errand, more := <-board.Errands
		return errand, more
	})
}
