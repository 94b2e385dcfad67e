"""Jobs of a store: long tasks with their worker process, progress and result."""
