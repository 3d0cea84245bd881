// Package labels is what both servers of the pair answer: how many of the request's texts are labels. They differ in
// how a text is matched with the pattern.
package labels

import (
	"encoding/json"
	"flag"
	"io"
	"log"
	"os"
	"runtime"
	"sync/atomic"

	"example.org/demos/http-servers/serve"
)

// Pattern of a label.
const Pattern = `^[a-z]+-[0-9]{1,6}$`

// Truth is the line that the demo prints: its own counters, and what the runtime says of its heap.
type Truth struct {
	Demo    string `json:"demo"`
	Variant string `json:"variant"`
	serve.Counts
	Texts    int64  `json:"texts"`
	Labels   int64  `json:"labels"`
	Compiled int64  `json:"patterns_compiled"`
	Bytes    uint64 `json:"heap_bytes_allocated"`
	GC       uint32 `json:"gc_cycles"`
}

var texts, labels, compiled atomic.Int64

// Compiled counts that the pattern was compiled.
func Compiled() { compiled.Add(1) }

// count walks through all texts of a value.
func count(value any, isLabel func(string) bool) (seen, matched int64) {
	add := func(s, m int64) { seen, matched = seen+s, matched+m }
	switch value := value.(type) {
	case string:
		if isLabel(value) {
			return 1, 1
		}
		return 1, 0
	case []any:
		for _, element := range value {
			add(count(element, isLabel))
		}
	case map[string]any:
		for _, member := range value {
			add(count(member, isLabel))
		}
	}
	return seen, matched
}

// Main runs the server. isLabel tells whether a text matches Pattern.
func Main(variant string, isLabel func(text string) bool) {
	flag.Parse()
	counts, err := serve.Run(func(w io.Writer, body []byte) error {
		object, err := serve.Object[any](body)
		if err != nil {
			return err
		}
		seen, matched := count(object, isLabel)
		texts.Add(seen)
		labels.Add(matched)
		json.NewEncoder(w).Encode(map[string]int64{"texts": seen, "labels": matched})
		return nil
	})
	if err != nil {
		log.Fatal(err)
	}
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	json.NewEncoder(os.Stdout).Encode(Truth{"http-json", variant, counts, texts.Load(), labels.Load(), compiled.Load(),
		stats.TotalAlloc, stats.NumGC})
}
