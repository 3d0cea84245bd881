// Shows the fixed twin: GOMAXPROCS stays as it is, and goroutines take turns without the kernel.
package main

import "example.org/demos/oversubscribed/mill"

func main() {
	mill.Main("fitting", func() {})
}
