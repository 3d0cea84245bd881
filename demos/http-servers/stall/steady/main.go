// Shows the same server without the stalls: the book is saved just as often and as long, but not under its lock.
package main

import "example.org/demos/http-servers/stall/book"

func main() {
	book.Main("steady", func(write func()) { write() })
}
