// The mistake: nobody receives the answer of a question that was given up, so its goroutine waits in the send for
// ever.
package main

import "example.org/demos/goroutine-leak/load"

func main() {
	load.Main("leak", true, func(question int64) <-chan int64 {
		answer := make(chan int64)
		load.Go(func() { answer <- load.Answer(question) })
		return answer
	})
}
