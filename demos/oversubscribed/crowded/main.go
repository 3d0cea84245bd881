// Shows more threads than CPUs: GOMAXPROCS is raised "to make it faster", so that the kernel lets the threads take
// turns.
package main

import (
	"runtime"

	"example.org/demos/oversubscribed/mill"
)

func main() {
	mill.Main("crowded", func() { runtime.GOMAXPROCS(16 * runtime.NumCPU()) })
}
