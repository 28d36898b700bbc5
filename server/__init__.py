"""Sổ Xã's server."""

VERSION = "0.1.0"  # as in pyproject.toml
