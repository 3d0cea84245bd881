// Two goroutines hand a ball to and fro over unbuffered channels. With one P (GOMAXPROCS=1) only one of them runs at
// a time, so each must park once a turn for the other to play: two parks a turn, and a few at the start and the end.
package main

import (
	"encoding/json"
	"flag"
	"os"
	"runtime"
)

// Truth is the line that the demo prints. A turn is a ball there and back.
type Truth struct {
	Demo         string `json:"demo"`
	Turns        int64  `json:"turns"`
	Sends        int64  `json:"sends"`
	Receives     int64  `json:"receives"`
	Created      int64  `json:"goroutines_created"`
	Procs        int    `json:"gomaxprocs"`
	ParksPerTurn int    `json:"parks_per_turn,omitempty"` // with more than one P it is not known
}

// player returns each ball that comes until no more do, and tells how many came and went.
func player(balls <-chan int64, back chan<- int64, done chan<- [2]int64) {
	var received, sent int64
	for ball := range balls {
		received++
		back <- ball + 1
		sent++
	}
	done <- [2]int64{received, sent}
}

func main() {
	turns := flag.Int64("turns", 200000, "times that the ball goes there and back")
	flag.Parse()
	balls, back, done := make(chan int64), make(chan int64), make(chan [2]int64)
	go player(balls, back, done)
	var sent, received, ball int64
	for turn := int64(0); turn < *turns; turn++ {
		balls <- ball
		sent++
		ball = <-back
		received++
	}
	close(balls)
	other := <-done
	truth := Truth{Demo: "ping-pong", Turns: ball, Sends: sent + other[1], Receives: received + other[0], Created: 1,
		Procs: runtime.GOMAXPROCS(0)}
	if truth.Procs == 1 {
		truth.ParksPerTurn = 2
	}
	json.NewEncoder(os.Stdout).Encode(truth)
}
