// Shows the fixed twin: the same work by one goroutine fewer than there are Ps (from two on), so that one is left for
// the network.
package main

import "example.org/demos/netpoll-starvation/exchange"

func main() {
	workers := exchange.Procs() - 1
	if workers == 0 {
		workers = 1
	}
	exchange.Main("spared", workers)
}
