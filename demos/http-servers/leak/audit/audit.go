// Package audit is the server of the pair: beside each request a goroutine waits for the request's result, to note
// both together. They differ in whether somebody sends the result.
package audit

import (
	"encoding/json"
	"flag"
	"hash/crc32"
	"io"
	"log"
	"os"
	"runtime"
	"sync/atomic"
	"time"

	"example.org/demos/http-servers/serve"
)

// Truth is the line that the demo prints. `leaked` is created minus ended, by the program's own counters;
// runtime_goroutines is what the runtime says when the server has ended.
type Truth struct {
	Demo    string `json:"demo"`
	Variant string `json:"variant"`
	serve.Counts
	Created int64 `json:"goroutines_created"` // to wait for a result
	Ended   int64 `json:"goroutines_ended"`
	Leaked  int64 `json:"leaked"`
	Noted   int64 `json:"results_noted"`
	Sum     int64 `json:"checksum"` // of the requests and results that were noted
	Runtime int   `json:"runtime_goroutines"`
}

var created, ended, noted, sum atomic.Int64

// Await starts a goroutine that notes the request and the result that it receives.
func Await(request []byte, result <-chan int) {
	created.Add(1)
	go func() {
		defer ended.Add(1)
		sum.Add(int64(<-result) + int64(crc32.ChecksumIEEE(request)))
		noted.Add(1)
	}()
}

// Main runs the server. watch is told of each request and returns what is to be called with its result, a number of
// bytes.
func Main(variant string, watch func(request []byte) func(result int)) {
	flag.Parse()
	counts, err := serve.Run(func(w io.Writer, body []byte) error {
		object, err := serve.Object[json.RawMessage](body)
		if err != nil {
			return err
		}
		finished := watch(body)
		answer, err := json.Marshal(map[string]int{"members": len(object)})
		if err != nil {
			return err
		}
		w.Write(answer)
		finished(len(answer))
		return nil
	})
	if err != nil {
		log.Fatal(err)
	}
	settle()
	truth := Truth{"http-leak", variant, counts, created.Load(), ended.Load(), 0, noted.Load(), sum.Load(),
		runtime.NumGoroutine()}
	truth.Leaked = truth.Created - truth.Ended
	json.NewEncoder(os.Stdout).Encode(truth)
}

// settle waits until all goroutines have ended, or none has for a while.
func settle() {
	for before := int64(-1); ended.Load() != before && ended.Load() < created.Load(); {
		before = ended.Load()
		time.Sleep(200 * time.Millisecond)
	}
}
