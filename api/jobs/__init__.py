"""Jobs: long work in processes of its own, with progress, cancel and result."""
