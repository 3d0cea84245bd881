//go:build go1.23

package main

import (
	"fmt"
	"iter"
)

func init() { modes["coroutines"] = coroutines }

// An iterator is pulled to its end: to it and back for each value, and once more to learn that it has ended. A
// second one is stopped after its first value.
func coroutines() {
	const values = 1000
	next, stop := iter.Pull(func(yield func(int) bool) {
		for i := 0; i < values && yield(i); i++ {
		}
	})
	got := 0
	for _, more := next(); more; _, more = next() {
		got++
	}
	stop()
	first, second := 0, 0
	next, stop = iter.Pull(func(yield func(int) bool) {
		for yield(second) {
			second++
		}
	})
	first, _ = next()
	stop()
	fmt.Printf("{\"values\": %d, \"switches\": %d, \"ended\": %d, \"first\": %d}\n", got, 2*(values+1)+4, 2, first)
}
