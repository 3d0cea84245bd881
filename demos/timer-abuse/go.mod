module example.org/demos/timer-abuse

go 1.21
