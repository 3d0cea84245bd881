// Package rounds runs the loop of either program many times and counts what its goroutines saw.
package rounds

import (
	"encoding/json"
	"flag"
	"os"
)

// Truth is the line that the demo prints. Each round starts `width` goroutines that report a loop variable; they
// are held back until the loop has ended. A goroutine that saw another value than that of its own turn is wrong.
type Truth struct {
	Demo     string `json:"demo"`
	Variant  string `json:"variant"`
	Rounds   int    `json:"rounds"`
	Width    int    `json:"width"`
	Created  int    `json:"goroutines_created"`
	Distinct int    `json:"distinct_values"`
	Wrong    int    `json:"wrong_values"`
}

// Main runs the rounds. loop starts the goroutines: the one of turn i must write what it sees to seen[i], and the
// function returned waits for all of them.
func Main(variant string, loop func(seen []int, gate <-chan struct{}) (wait func())) {
	rounds := flag.Int("rounds", 200, "loops to run")
	width := flag.Int("width", 50, "goroutines of a loop")
	flag.Parse()
	truth := Truth{Demo: "loop-variable", Variant: variant, Rounds: *rounds, Width: *width}
	values := make(map[int]bool)
	for r := 0; r < *rounds; r++ {
		seen := make([]int, *width)
		gate := make(chan struct{})
		wait := loop(seen, gate)
		close(gate)
		wait()
		truth.Created += *width
		for turn, value := range seen {
			values[value] = true
			if value != turn {
				truth.Wrong++
			}
		}
	}
	truth.Distinct = len(values)
	json.NewEncoder(os.Stdout).Encode(truth)
}
