"""A server of its own with a database of its own, which a test can stop and start.

Run as `python -m tests.sync.outage_server` with VAR_DIR; prints its device URL when it answers.
"""

from __future__ import annotations

import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "server.settings")
django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from waitress.server import create_server  # noqa: E402

from server import embedded  # noqa: E402
from server.projects import accounts  # noqa: E402
from server.wsgi import application  # noqa: E402
from sync.addresses import Addresses  # noqa: E402
from tests.sync.published import publish  # noqa: E402


def main() -> None:
    """Serve until killed."""
    use = embedded.use(settings.VAR, is_throwaway=True)
    call_command("migrate", verbosity=0, interactive=False)
    project = accounts.create_project("Bình đẳng giới")
    publish(project)
    token = accounts.create_app_user(project, "Chị Lan").token
    server = create_server(application, host="127.0.0.1", port=0, threads=4, ident="")
    base = f"http://127.0.0.1:{server.effective_port}"  # type: ignore[union-attr]
    sys.stdout.write(f"{Addresses(base, token, project.pk).server}\n")
    sys.stdout.flush()
    server.run()
    use.leave()


if __name__ == "__main__":
    main()
