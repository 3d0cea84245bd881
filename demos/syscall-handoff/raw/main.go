// Shows system calls that block: each goroutine that waits in read keeps a thread, its P is taken away, and another
// thread is made for the P.
package main

import (
	"syscall"

	"example.org/demos/syscall-handoff/bell"
)

func main() {
	bell.Main("raw", func(descriptor int) (func() error, error) {
		return func() error {
			var buffer [1]byte
			_, err := syscall.Read(descriptor, buffer[:])
			return err
		}, nil
	})
}
