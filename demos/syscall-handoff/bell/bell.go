// Package bell rings a byte through many pipes; at the end of each a goroutine waits for it. The programs of the pair
// differ in how a goroutine reads.
package bell

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// Truth is the line that the demo prints: its own counters, and what the kernel says of its threads.
type Truth struct {
	Demo    string `json:"demo"`
	Variant string `json:"variant"`
	Pipes   int    `json:"pipes"`
	Rung    int64  `json:"bytes_rung"`
	Heard   int64  `json:"bytes_heard"`
	Threads int    `json:"threads"`
}

func threads() int {
	tasks, err := os.ReadDir("/proc/self/task")
	if err != nil {
		return 0
	}
	return len(tasks)
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

// Main rings all pipes in turn, a number of rounds. listen prepares one end of a pipe and returns what reads a byte
// from it.
func Main(variant string, listen func(descriptor int) (read func() error, err error)) {
	pipes := flag.Int("pipes", 48, "pipes with a goroutine at the end of each")
	rounds := flag.Int("rounds", 20, "bytes through each")
	pause := flag.Duration("pause", 30*time.Millisecond, "time between two rounds")
	flag.Parse()
	var rung, heard atomic.Int64
	var group sync.WaitGroup
	ends := make([]int, *pipes)
	for p := range ends {
		var pair [2]int
		if err := syscall.Pipe(pair[:]); err != nil {
			fail(err)
		}
		ends[p] = pair[1]
		read, err := listen(pair[0])
		if err != nil {
			fail(err)
		}
		group.Add(1)
		go func() {
			defer group.Done()
			for r := 0; r < *rounds; r++ {
				if err := read(); err != nil {
					fail(err)
				}
				heard.Add(1)
			}
		}()
	}
	most := 0
	for r := 0; r < *rounds; r++ {
		time.Sleep(*pause)
		if now := threads(); now > most {
			most = now
		}
		for _, end := range ends {
			if _, err := syscall.Write(end, []byte{1}); err != nil {
				fail(err)
			}
			rung.Add(1)
		}
	}
	group.Wait()
	json.NewEncoder(os.Stdout).Encode(Truth{"syscall-handoff", variant, *pipes, rung.Load(), heard.Load(), most})
}
