// Shows goroutines that mainly wait to send: one receiver stores the orders of all clerks, one after the other.
package main

import "example.org/demos/blocked-sends/orders"

func main() {
	orders.Main("one", func(int) int { return 1 })
}
