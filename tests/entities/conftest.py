"""The server and the phones of tests/sync."""

from tests.sync.conftest import base_url as base_url
