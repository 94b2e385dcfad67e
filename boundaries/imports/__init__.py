"""The import of files into a district, in one transaction."""
