"""Tables of households: rows by building, stairwell or household, and totals of communities."""
