"""What a file of one layer has beside attributes and shapes: grids, streets, posts."""
