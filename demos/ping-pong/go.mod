module example.org/demos/ping-pong

go 1.21
