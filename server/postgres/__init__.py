"""Django's PostgreSQL backend, with cheaper looks at a connection and an end to waiting for it."""
