module example.org/demos/lock-convoy

go 1.21
