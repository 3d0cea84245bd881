// Shows netpoll starved: as many goroutines compute as there are Ps, and none of them ever waits. So no P looks for
// connections that are ready; the runtime's monitor does every 10 ms, and then an answer still waits until somebody's
// time slice of 10 ms is over.
package main

import "example.org/demos/netpoll-starvation/exchange"

func main() { exchange.Main("all", exchange.Procs()) }
