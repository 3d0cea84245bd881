// The fixed twin: the channel holds one answer, so that the goroutine can end whether or not somebody receives.
package main

import "example.org/demos/goroutine-leak/load"

func main() {
	load.Main("fixed", false, func(question int64) <-chan int64 {
		answer := make(chan int64, 1)
		load.Go(func() { answer <- load.Answer(question) })
		return answer
	})
}
