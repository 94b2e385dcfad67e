"""Pure computation on arrays and frames: no file, socket, clock or settings."""
