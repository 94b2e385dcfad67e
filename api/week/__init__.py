"""The week of a district: who is covered at each of its 168 hours."""
