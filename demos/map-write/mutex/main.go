// The fixed twin: a mutex around the map.
package main

import (
	"sync"

	"example.org/demos/map-write/words"
)

func main() {
	var mutex sync.Mutex
	counts := make(map[string]int)
	words.Main("mutex", true, func(word string) {
		mutex.Lock()
		counts[word]++
		mutex.Unlock()
	}, func() int { return len(counts) })
}
