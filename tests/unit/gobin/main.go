// The program whose executables the tests of runner/gobin read: with everything of the catalogue of probes that the
// linker leaves out of programs that don't use it, and little else.
package main

import (
	"runtime"
	"sync"
	"time"
)

func main() {
	t := time.NewTimer(time.Hour)
	t.Reset(time.Hour)
	t.Stop()
	var mutex sync.Mutex
	mutex.Lock()
	go mutex.Unlock()
	mutex.Lock()
	runtime.Gosched()
	runtime.GC()
	if runtime.NumGoroutine() > 1000 { // never; Go 1.21 keeps its names of reasons to stop the world for that alone
		runtime.StartTrace()
	}
}
