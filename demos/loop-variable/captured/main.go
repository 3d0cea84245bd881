// The mistake: with the loop semantics before Go 1.22 (the go line of go.mod decides) all goroutines share one loop
// variable, and see what it held when they ran.
package main

import (
	"sync"

	"example.org/demos/loop-variable/rounds"
)

func main() {
	rounds.Main("captured", func(seen []int, gate <-chan struct{}) func() {
		var group sync.WaitGroup
		turns := make([]int, len(seen))
		group.Add(len(seen))
		for i := range turns {
			slot := &seen[i]
			go report(&group, gate, slot, func() int { return i })
		}
		return group.Wait
	})
}

// report waits for the end of the loop, so that which value is seen does not depend on the scheduler.
func report(group *sync.WaitGroup, gate <-chan struct{}, slot *int, value func() int) {
	defer group.Done()
	<-gate
	*slot = value()
}
