"""What every route shares: parameters, problems, preconditions, permissions, API document."""
