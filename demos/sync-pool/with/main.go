// Buffers are taken from a sync.Pool and put back.
package main

import (
	"sync"

	"example.org/demos/sync-pool/work"
)

func main() {
	pool := sync.Pool{New: func() any { return work.New() }}
	work.Run("with", func() *[]byte { return pool.Get().(*[]byte) }, func(buffer *[]byte) { pool.Put(buffer) })
}
