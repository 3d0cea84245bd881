// serve MODE [N]: an HTTP server on 127.0.0.1:8080 that does what the load's tests ask of it. When it is interrupted it
// prints how many requests it handled, as one JSON line.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

var handled atomic.Int64
var alone sync.Mutex

func handle(mode string, n int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		count := handled.Add(1)
		switch mode {
		case "status":
			w.WriteHeader(n)
		case "unready": // the first N answers
			if count <= int64(n) {
				w.WriteHeader(http.StatusServiceUnavailable)
			}
		case "exit":
			if count == int64(n) {
				os.Exit(0)
			}
		case "panic":
			if count == int64(n) {
				go panic("enough")
			}
		case "slow": // milliseconds, one request at a time
			alone.Lock()
			time.Sleep(time.Duration(n) * time.Millisecond)
			alone.Unlock()
		case "drop": // every Nth connection
			if count%int64(n) == 0 {
				connection, _, err := w.(http.Hijacker).Hijack()
				if err == nil {
					connection.Close()
				}
				return
			}
		}
		io.WriteString(w, "fine\n")
	}
}

func main() {
	mode, n := os.Args[1], 0
	if len(os.Args) > 2 {
		n, _ = strconv.Atoi(os.Args[2])
	}
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, os.Interrupt, syscall.SIGTERM)
	if mode == "deaf" {
		<-stop
		return
	}
	if mode == "late" {
		time.Sleep(time.Duration(n) * time.Millisecond)
	}
	address := "127.0.0.1:8080"
	if mode == "six" {
		address = "[::1]:8080"
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	if mode != "mute" {
		fmt.Print("now listen")
		time.Sleep(20 * time.Millisecond) // so that the text comes in two pieces
		fmt.Println("ing")
	}
	go http.Serve(listener, handle(mode, n))
	<-stop
	json.NewEncoder(os.Stdout).Encode(map[string]int64{"handled": handled.Load()})
}
