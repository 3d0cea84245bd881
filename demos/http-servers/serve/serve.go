// Package serve is the server around a demo: POST /encode goes to the demo, GET / says that it is ready. It counts
// what comes in and goes out, and ends when it is interrupted. The same file stands in every http demo.
package serve

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"math"
	"net"
	"net/http"
	"os"
	"os/signal"
	"runtime"
	"strconv"
	"sync"
	"syscall"
	"time"
)

const (
	bodyMost = 1 << 20     // bytes of a request
	patience = time.Second // with requests under way when the server is interrupted
)

// Object is the JSON object that a request's body is; anything else is an error for an Answer to return.
func Object[V any](body []byte) (object map[string]V, err error) {
	if err = json.Unmarshal(body, &object); err == nil && object == nil {
		err = errors.New("no JSON object")
	}
	return object, err
}

var listen = flag.String("listen", "127.0.0.1:8080", "address of the server")

// Counts is what the server counts of /encode.
type Counts struct {
	Requests int64            `json:"requests"`
	Answers  map[string]int64 `json:"answers"` // by status
}

// Answer writes the JSON answer to the body of a request. It returns an error, and has written nothing, when the body
// is not what it takes.
type Answer func(w io.Writer, body []byte) error

type server struct {
	answer Answer
	mutex  sync.Mutex
	counts Counts
}

func (s *server) received() {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.counts.Requests++
}

func (s *server) answered(status int) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.counts.Answers[strconv.Itoa(status)]++
}

func (s *server) counted() Counts {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	counts := Counts{s.counts.Requests, make(map[string]int64, len(s.counts.Answers))}
	for status, count := range s.counts.Answers {
		counts.Answers[status] = count
	}
	return counts
}

func (s *server) encode(w http.ResponseWriter, r *http.Request) {
	s.received()
	status := http.StatusOK
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		status = http.StatusMethodNotAllowed
	} else if body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, bodyMost)); err != nil {
		status = http.StatusBadRequest
	} else {
		w.Header().Set("Content-Type", "application/json")
		if s.answer(w, body) != nil {
			status = http.StatusBadRequest
		}
	}
	if status != http.StatusOK {
		http.Error(w, http.StatusText(status), status)
	}
	s.answered(status)
}

func ready(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/" {
		http.NotFound(w, r)
		return
	}
	io.WriteString(w, "ready\n")
}

// Run serves until the program is interrupted, lets requests under way end, and returns what was counted. There are
// no limits on time: a client may keep connections that it does not use.
func Run(answer Answer) (Counts, error) {
	interrupted, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	listener, err := net.Listen("tcp", *listen)
	if err != nil {
		return Counts{}, err
	}
	s := &server{answer: answer, counts: Counts{Answers: map[string]int64{}}}
	routes := http.NewServeMux()
	routes.HandleFunc("/encode", s.encode)
	routes.HandleFunc("/", ready)
	web := &http.Server{Handler: routes}
	ended := make(chan error, 1)
	go func() { ended <- web.Serve(listener) }()
	select {
	case <-interrupted.Done():
	case err := <-ended:
		return Counts{}, err
	}
	patient, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := web.Shutdown(patient); errors.Is(err, context.DeadlineExceeded) {
		web.Close()
	} else if err != nil {
		return Counts{}, err
	}
	settle()
	return s.counted(), nil
}

// settle waits until there are no fewer goroutines than a moment ago: those of closed connections have ended then.
func settle() {
	for before := math.MaxInt; runtime.NumGoroutine() < before; time.Sleep(20 * time.Millisecond) {
		before = runtime.NumGoroutine()
	}
}
