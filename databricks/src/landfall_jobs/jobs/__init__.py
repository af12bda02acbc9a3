"""One module a job, named after it."""
