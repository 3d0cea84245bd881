module example.org/demos/syscall-handoff

go 1.21
