module example.org/demos/loop-variable

go 1.21
