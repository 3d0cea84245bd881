// Shows the fixed twin: as many receivers as clerks, so that somebody is there when an order comes.
package main

import "example.org/demos/blocked-sends/orders"

func main() {
	orders.Main("many", func(clerks int) int { return clerks })
}
