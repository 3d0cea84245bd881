// A JSON server with middleware. By default it drives itself with clients of its own for a fixed number of requests
// and ends; with -serve it serves until it is interrupted.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// Truth is the line that the demo prints: what middleware and clients counted.
type Truth struct {
	Demo    string `json:"demo"`
	Address string `json:"address"`
	Sent    int64  `json:"requests_sent"`
	Handled int64  `json:"requests_handled"`
	OK      int64  `json:"answers_ok"`
	Refused int64  `json:"answers_refused"`
	Panics  int64  `json:"panics_recovered"`
	Wrong   int64  `json:"answers_wrong"`
}

type order struct {
	ID    int64    `json:"id"`
	Items []string `json:"items"`
}

type receipt struct {
	ID    int64  `json:"id"`
	Count int    `json:"count"`
	Label string `json:"label"`
}

var sent, handled, ok, refused, panics, wrong atomic.Int64

// counted counts what comes in and what goes out.
func counted(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		handled.Add(1)
		next.ServeHTTP(w, r)
	})
}

// recovered turns a panic of a handler into an answer.
func recovered(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			if recover() != nil {
				panics.Add(1)
				http.Error(w, "internal error", http.StatusInternalServerError)
			}
		}()
		next.ServeHTTP(w, r)
	})
}

// authorized lets requests with the right token pass.
func authorized(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer demo" {
			http.Error(w, "who are you?", http.StatusUnauthorized)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func encode(w http.ResponseWriter, r *http.Request) {
	var in order
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<20)).Decode(&in); err != nil {
		http.Error(w, "not an order", http.StatusBadRequest)
		return
	}
	if len(in.Items) == 0 {
		panic("an order without items")
	}
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(receipt{in.ID, len(in.Items), strings.ToUpper(strings.Join(in.Items, "-"))})
}

// ask sends one request. Every 50th carries no token, every 75th has no items: both have a known answer.
func ask(client *http.Client, url string, id int64) error {
	items := `"pen","ink","paper"`
	want := http.StatusOK
	if id%75 == 0 {
		items, want = "", http.StatusInternalServerError
	}
	request, err := http.NewRequest(http.MethodPost, url, strings.NewReader(fmt.Sprintf(`{"id":%d,"items":[%s]}`, id, items)))
	if err != nil {
		return err
	}
	if id%50 == 0 {
		want = http.StatusUnauthorized
	} else {
		request.Header.Set("Authorization", "Bearer demo")
	}
	sent.Add(1)
	answer, err := client.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return err
	}
	var out receipt
	switch {
	case answer.StatusCode != want:
		wrong.Add(1)
	case want != http.StatusOK:
		refused.Add(1)
	case json.Unmarshal(body, &out) != nil || out.ID != id || out.Count != 3 || out.Label != "PEN-INK-PAPER":
		wrong.Add(1)
	default:
		ok.Add(1)
	}
	return nil
}

// drive sends all requests over a few connections that are kept.
func drive(url string, requests int64, clients int) error {
	transport := &http.Transport{MaxIdleConnsPerHost: clients, MaxConnsPerHost: clients}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport, Timeout: 20 * time.Second}
	failures := make(chan error, clients)
	var next atomic.Int64
	var group sync.WaitGroup
	for c := 0; c < clients; c++ {
		group.Add(1)
		go func() {
			defer group.Done()
			for id := next.Add(1); id <= requests; id = next.Add(1) {
				if err := ask(client, url, id); err != nil {
					failures <- err
					return
				}
			}
		}()
	}
	group.Wait()
	select {
	case err := <-failures:
		return err
	default:
		return nil
	}
}

func run() error {
	listen := flag.String("listen", "127.0.0.1:8080", "address of the server")
	requests := flag.Int64("requests", 3000, "requests that the program sends to itself")
	clients := flag.Int("clients", 4, "connections that it sends them over")
	serve := flag.Bool("serve", false, "send nothing: serve until interrupted")
	flag.Parse()

	listener, err := net.Listen("tcp", *listen)
	if err != nil {
		return err
	}
	routes := http.NewServeMux()
	routes.Handle("/encode", authorized(http.HandlerFunc(encode)))
	routes.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "ready\n") })
	server := &http.Server{Handler: counted(recovered(routes)), ReadHeaderTimeout: 10 * time.Second}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()

	if *serve {
		interrupted, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
		defer stop()
		select {
		case <-interrupted.Done():
		case err := <-ended:
			return err
		}
	} else if err := drive("http://"+listener.Addr().String()+"/encode", *requests, *clients); err != nil {
		return err
	}
	patience, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := server.Shutdown(patience); err != nil {
		return err
	}
	if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(Truth{"http-json", listener.Addr().String(), sent.Load(), handled.Load(),
		ok.Load(), refused.Load(), panics.Load(), wrong.Load()})
}

func main() {
	if err := run(); err != nil {
		log.Fatal(err)
	}
}
