"""What every command shares: output, options, notices."""
