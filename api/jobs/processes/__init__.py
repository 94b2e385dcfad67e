"""The process of a job: started, confined, watched, told by name."""
