// Shows what sync.Pool saves a server: a request takes its buffer from the pool and puts it back, so that few are
// ever made.
package main

import (
	"bytes"
	"sync"

	"example.org/demos/http-servers/pool/report"
)

func main() {
	pool := sync.Pool{New: func() any { return report.New() }}
	report.Main("with", func() *bytes.Buffer { return pool.Get().(*bytes.Buffer) }, func(buffer *bytes.Buffer) {
		buffer.Reset()
		pool.Put(buffer)
	})
}
