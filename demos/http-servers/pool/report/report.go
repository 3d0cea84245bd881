// Package report is what both servers of the pair answer: the request's object in capital letters, encoded through a
// buffer. They differ in where the buffer comes from.
package report

import (
	"bytes"
	"encoding/json"
	"flag"
	"io"
	"log"
	"os"
	"runtime"
	"strings"
	"sync/atomic"

	"example.org/demos/http-servers/serve"
)

// Size of a buffer: room for the longest answer that the server would give. Most answers are short.
const Size = 256 << 10

// Truth is the line that the demo prints: its own counters, and what the runtime says of its heap.
type Truth struct {
	Demo    string `json:"demo"`
	Variant string `json:"variant"`
	serve.Counts
	Allocated int64  `json:"buffers_allocated"`
	Used      int64  `json:"buffers_used"`
	Bytes     uint64 `json:"heap_bytes_allocated"`
	GC        uint32 `json:"gc_cycles"`
}

var allocated, used atomic.Int64

// New makes a buffer.
func New() *bytes.Buffer {
	allocated.Add(1)
	return bytes.NewBuffer(make([]byte, 0, Size))
}

// capitals makes all texts of a value capital letters, in place where there is one.
func capitals(value any) any {
	switch value := value.(type) {
	case string:
		return strings.ToUpper(value)
	case []any:
		for i, element := range value {
			value[i] = capitals(element)
		}
	case map[string]any:
		for name, member := range value {
			value[name] = capitals(member)
		}
	}
	return value
}

// Main runs the server. get gives an empty buffer for a request, which goes to put afterwards.
func Main(variant string, get func() *bytes.Buffer, put func(*bytes.Buffer)) {
	flag.Parse()
	counts, err := serve.Run(func(w io.Writer, body []byte) error {
		object, err := serve.Object[any](body)
		if err != nil {
			return err
		}
		buffer := get()
		defer put(buffer)
		used.Add(1)
		if err := json.NewEncoder(buffer).Encode(capitals(object)); err != nil {
			return err
		}
		w.Write(buffer.Bytes()) // who does not want it any more has closed the connection
		return nil
	})
	if err != nil {
		log.Fatal(err)
	}
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	json.NewEncoder(os.Stdout).Encode(Truth{"http-pool", variant, counts, allocated.Load(), used.Load(),
		stats.TotalAlloc, stats.NumGC})
}
