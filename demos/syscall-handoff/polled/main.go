// Shows the fixed twin: the pipes are nonblocking files of package os, so that goroutines wait in netpoll and need no
// thread for it.
package main

import (
	"os"
	"syscall"

	"example.org/demos/syscall-handoff/bell"
)

func main() {
	bell.Main("polled", func(descriptor int) (func() error, error) {
		if err := syscall.SetNonblock(descriptor, true); err != nil {
			return nil, err
		}
		file := os.NewFile(uintptr(descriptor), "pipe")
		return func() error {
			var buffer [1]byte
			_, err := file.Read(buffer[:])
			return err
		}, nil
	})
}
