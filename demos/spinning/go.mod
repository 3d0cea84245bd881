module example.org/demos/spinning

go 1.21
