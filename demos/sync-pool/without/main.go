// Each request allocates its buffer and leaves it to the garbage collector.
package main

import "example.org/demos/sync-pool/work"

func main() {
	work.Run("without", work.New, func(*[]byte) {})
}
