"""`make serve`: everything one machine needs, in one family of processes."""
