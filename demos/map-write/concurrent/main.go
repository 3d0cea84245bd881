// The mistake: several goroutines write to one map. The runtime notices and ends the program with "fatal error:
// concurrent map writes", which no recover can stop.
package main

import "example.org/demos/map-write/words"

func main() {
	counts := make(map[string]int)
	words.Main("concurrent", false, func(word string) { counts[word]++ }, func() int { return len(counts) })
}
