"""The districts that the service holds."""
