//go:build cgo

package main

// With C in it the program is linked by C's linker, and the runtime makes its threads by pthread_create.

// static int same(int value) { return value; }
import "C"

func init() {
	modes["calls"] = func() {
		const calls = 1000
		for i := 0; i < calls; i++ {
			C.same(C.int(i))
		}
		say("calls", calls)
	}
}
