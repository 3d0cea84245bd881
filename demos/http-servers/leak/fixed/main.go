// Shows the fixed twin: the result is sent, so the goroutine that waits for it ends.
package main

import "example.org/demos/http-servers/leak/audit"

func main() {
	audit.Main("fixed", func(request []byte) func(int) {
		result := make(chan int)
		audit.Await(request, result)
		return func(bytes int) { result <- bytes }
	})
}
