"""Pages: the planner's map, the API's own page, health."""
