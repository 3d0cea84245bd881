// Package procs tells the number of the P that the caller runs on. Only the runtime knows it, and lends it to packages that
// ask by the linker (runtime/proc.go, procPin).
package procs

import _ "unsafe" // for go:linkname

//go:linkname pin runtime.procPin
func pin() int

//go:linkname unpin runtime.procUnpin
func unpin()

// Current is the number of the P; the caller may be on another one when it has it.
func Current() int {
	proc := pin()
	unpin()
	return proc
}
