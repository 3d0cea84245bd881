// Shows what a buffer for each request costs: it is made, zeroed, used once, and left to the garbage collector.
package main

import (
	"bytes"

	"example.org/demos/http-servers/pool/report"
)

func main() {
	report.Main("without", report.New, func(*bytes.Buffer) {})
}
