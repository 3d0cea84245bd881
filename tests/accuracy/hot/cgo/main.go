// cgo SECONDS: a goroutine that computes in C, which has no frame pointers and thread-local variables of its own, beside
// Go's.
package main

/*
__thread volatile unsigned long mine[3]; // not initialised: behind Go's own

unsigned long burn(unsigned long rounds)
{
    unsigned long x = mine[1];
    for (unsigned long i = 0; i < rounds; i++)
        x = x * 6364136223846793005u + 1442695040888963407u;
    return mine[2] = x;
}
*/
import "C"

import (
	"os"
	"strconv"
	"time"
)

var each time.Duration

func worker(done chan bool) {
	for until := time.Now().Add(each); time.Now().Before(until); {
		C.burn(1000000)
	}
	done <- true
}

var done = make(chan bool)

func cWorker() { worker(done) }

func main() {
	seconds, err := strconv.ParseFloat(os.Args[1], 64)
	if err != nil {
		panic(err)
	}
	each = time.Duration(seconds * float64(time.Second))
	go cWorker()
	<-done
}
