//go:build go1.23

package main

import "iter"

// An iterator is pulled to its end: to it and back for each value, and once more to learn that it has ended.
func init() {
	modes["coroutines"] = func() {
		const values = 500
		next, stop := iter.Pull(func(yield func(int) bool) {
			for i := 0; i < values && yield(i); i++ {
			}
		})
		got := 0
		for _, more := next(); more; _, more = next() {
			got++
		}
		stop()
		say("switches", 2*(got+1))
	}
}
