"""Who asks: from a cookie or a header to a name and its roles."""
