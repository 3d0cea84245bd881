// truth MODE: does one thing a known number of times and says on its standard output, as key=value, what an observer
// must have counted. It waits for states, not for times: what it says is true on a machine of any speed.
//
// `alive` is said by each mode: the goroutines that the runtime itself counts directly before the end.
package main

import (
	"os"
	"runtime"
	"strconv"
	"strings"
)

var modes = map[string]func(){"none": func() {}}

var said strings.Builder

func say(key string, value int) {
	said.WriteString(key + "=" + strconv.Itoa(value) + "\n")
}

// await returns when n goroutines at least are in one of the states, as the runtime writes it: `goroutine 7 [select]:`.
func await(n int, states ...string) {
	text := make([]byte, 1<<20)
	for {
		dump := string(text[:runtime.Stack(text, true)])
		found := 0
		for _, state := range states {
			found += strings.Count(dump, " ["+state+"]:") + strings.Count(dump, " ["+state+",")
		}
		if found >= n {
			return
		}
		runtime.Gosched()
	}
}

// alone returns when main is the only goroutine: one that has told main that it is done may not have ended. It tells how
// often it has called Gosched for that.
func alone() (yields int) {
	for runtime.NumGoroutine() > 1 {
		runtime.Gosched()
		yields++
	}
	return yields
}

func main() {
	mode := modes[os.Args[1]]
	if mode == nil {
		os.Stderr.WriteString("truth: no mode " + os.Args[1] + "\n")
		os.Exit(2)
	}
	mode()
	say("alive", runtime.NumGoroutine())
	sayCreated()
	os.Stdout.WriteString(said.String())
}
