// Package work is what both programs of the pair do: encode rows into a buffer and throw the buffer away. They
// differ in where the buffer comes from.
package work

import (
	"encoding/json"
	"flag"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"sync"
	"sync/atomic"
)

// Size of a buffer: large enough that its allocation is felt, small enough for a size class of the heap.
const Size = 16 << 10

// Truth is the line that the demo prints: its own counters, nothing estimated.
type Truth struct {
	Demo      string `json:"demo"`
	Variant   string `json:"variant"`
	Requests  int64  `json:"requests"`
	Workers   int    `json:"workers"`
	Allocated int64  `json:"buffers_allocated"`
	Checksum  uint64 `json:"checksum"`
	GC        uint32 `json:"gc_cycles"`
}

// Allocated counts the buffers that were made.
var Allocated atomic.Int64

// New makes a buffer.
func New() *[]byte {
	Allocated.Add(1)
	buffer := make([]byte, 0, Size)
	return &buffer
}

// encode fills the buffer with rows of text and returns a checksum of it.
func encode(buffer []byte, request int64) uint64 {
	var sum uint64
	for row := int64(0); row < 48; row++ {
		buffer = append(buffer, `{"request":`...)
		buffer = strconv.AppendInt(buffer, request, 10)
		buffer = append(buffer, `,"row":`...)
		buffer = strconv.AppendInt(buffer, row, 10)
		buffer = append(buffer, "}\n"...)
	}
	for _, b := range buffer {
		sum = sum*31 + uint64(b)
	}
	return sum
}

// Run handles all requests with a few workers, each with a buffer from get that goes to put afterwards.
func Run(variant string, get func() *[]byte, put func(*[]byte)) {
	requests := flag.Int64("requests", 40000, "requests to handle")
	workers := flag.Int("workers", 4, "goroutines that handle them")
	flag.Parse()
	var next atomic.Int64
	var checksum atomic.Uint64
	var handled atomic.Int64
	var group sync.WaitGroup
	for w := 0; w < *workers; w++ {
		group.Add(1)
		go func() {
			defer group.Done()
			for request := next.Add(1); request <= *requests; request = next.Add(1) {
				buffer := get()
				checksum.Add(encode((*buffer)[:0], request))
				put(buffer)
				handled.Add(1)
			}
		}()
	}
	group.Wait()
	debug.SetGCPercent(-1) // waits for a cycle that runs, so that none ends behind the figure
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	json.NewEncoder(os.Stdout).Encode(Truth{"sync-pool", variant, handled.Load(), *workers, Allocated.Load(),
		checksum.Load(), stats.NumGC})
}
