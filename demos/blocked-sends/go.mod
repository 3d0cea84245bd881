module example.org/demos/blocked-sends

go 1.21
