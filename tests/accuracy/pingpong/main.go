// pingpong M: two goroutines hand a token to and fro M times over unbuffered channels. With GOMAXPROCS=1 each
// round parks each of them once.
package main

import (
	"os"
	"strconv"
)

func main() {
	rounds, _ := strconv.Atoi(os.Args[1])
	there, back := make(chan int), make(chan int)
	go func() {
		for token := range there {
			back <- token
		}
	}()
	for i := 0; i < rounds; i++ {
		there <- i
		<-back
	}
}
