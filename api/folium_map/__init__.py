"""The district as one self-contained HTML file."""
