"""The HTTP server: connections with limits, and worker processes."""
