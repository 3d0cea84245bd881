module example.org/demos/netpoll-starvation

go 1.21
