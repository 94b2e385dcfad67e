"""Jobs: long work in child processes, with progress, cancellation and a result."""
