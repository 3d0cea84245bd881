// Shows a leak of one goroutine a request: nobody sends the result that it waits for, so it waits for ever and keeps
// the request's bytes.
package main

import "example.org/demos/http-servers/leak/audit"

func main() {
	audit.Main("leak", func(request []byte) func(int) {
		result := make(chan int)
		audit.Await(request, result)
		return func(int) {}
	})
}
