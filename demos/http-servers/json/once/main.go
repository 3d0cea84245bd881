// Shows the same server with the pattern compiled once, before the first request.
package main

import (
	"regexp"

	"example.org/demos/http-servers/json/labels"
)

func main() {
	label := regexp.MustCompile(labels.Pattern)
	labels.Compiled()
	labels.Main("once", label.MatchString)
}
