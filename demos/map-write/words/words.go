// Package words makes the keys that the writers of either program count in one map.
package words

import (
	"encoding/json"
	"flag"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
)

// Truth is the line that the demo prints: when the writers have ended, or, by the program that does not live to see
// that, before they begin.
type Truth struct {
	Demo     string `json:"demo"`
	Variant  string `json:"variant"`
	Survives bool   `json:"survives"`
	Writers  int    `json:"writers"`
	Writes   int64  `json:"writes"`
	Keys     int    `json:"keys"`
}

// Main starts the writers; count adds one to a word, size tells how many words there are in the map.
func Main(variant string, survives bool, count func(word string), size func() int) {
	writers := flag.Int("writers", 4, "goroutines that write")
	writes := flag.Int("writes", 1000000, "writes of each")
	flag.Parse()
	var written atomic.Int64
	tell := func() {
		json.NewEncoder(os.Stdout).Encode(Truth{"map-write", variant, survives, *writers, written.Load(), size()})
	}
	if !survives {
		tell()
	}
	keys := make([]string, 1000)
	for i := range keys {
		keys[i] = "word-" + strconv.Itoa(i)
	}
	var group sync.WaitGroup
	for w := 0; w < *writers; w++ {
		group.Add(1)
		go func(first int) {
			defer group.Done()
			for i := 0; i < *writes; i++ {
				count(keys[(first+i)%len(keys)])
				written.Add(1)
			}
		}(w)
	}
	group.Wait()
	tell()
}
