// The fixed twin: each turn has a variable of its own.
package main

import (
	"sync"

	"example.org/demos/loop-variable/rounds"
)

func main() {
	rounds.Main("fixed", func(seen []int, gate <-chan struct{}) func() {
		var group sync.WaitGroup
		turns := make([]int, len(seen))
		group.Add(len(seen))
		for i := range turns {
			i := i
			slot := &seen[i]
			go report(&group, gate, slot, func() int { return i })
		}
		return group.Wait
	})
}

// report waits for the end of the loop, as in the other program of the pair.
func report(group *sync.WaitGroup, gate <-chan struct{}, slot *int, value func() int) {
	defer group.Done()
	<-gate
	*slot = value()
}
