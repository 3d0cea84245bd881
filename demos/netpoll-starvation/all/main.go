// Shows netpoll starved: more goroutines compute than there are Ps, and none of them ever waits. So no P looks for
// connections that are ready; the runtime's monitor does every 10 ms, and then an answer still stands in the queue behind
// all that compute, 10 ms each.
package main

import "example.org/demos/netpoll-starvation/exchange"

func main() { exchange.Main("all", 4*exchange.Procs()) }
