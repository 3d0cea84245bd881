module example.org/demos/interrupt

go 1.21
