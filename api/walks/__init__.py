"""One walk between two points."""
