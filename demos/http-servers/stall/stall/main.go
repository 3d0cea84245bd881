// Shows a server that stalls: all requests wait while the book is saved under its lock. A load that waits for an
// answer before it sends the next request hardly sees that; latency from when a request was due does.
package main

import "example.org/demos/http-servers/stall/book"

func main() {
	book.Main("stall", func(write func()) { book.Stall(write) })
}
