"""Coverage: who reaches each category of service within the threshold."""
