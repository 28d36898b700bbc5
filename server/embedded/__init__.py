"""What comes with the project when nothing is configured: PostgreSQL, folders, secrets."""

from server.embedded.cluster import binary
from server.embedded.places import allowed_hosts, folder, secret, spool, var_folder
from server.embedded.postgres import DatabaseDidNotStart, Use, database, reset_password, use, used

__all__ = [
    "DatabaseDidNotStart",
    "Use",
    "allowed_hosts",
    "binary",
    "database",
    "folder",
    "reset_password",
    "secret",
    "spool",
    "use",
    "used",
    "var_folder",
]
