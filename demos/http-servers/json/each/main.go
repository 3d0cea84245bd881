// Shows what regexp.MatchString costs: it compiles the pattern for each text that it is asked about.
package main

import (
	"regexp"

	"example.org/demos/http-servers/json/labels"
)

func main() {
	labels.Main("each", func(text string) bool {
		labels.Compiled()
		matched, err := regexp.MatchString(labels.Pattern, text)
		return err == nil && matched
	})
}
