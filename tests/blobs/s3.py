"""A real S3 server (rclone's) that can be stopped and started."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from pytest_django import Settings

BUCKET = "so-xa"


@dataclass(slots=True)
class S3:
    """One server, and the folder that it keeps its buckets in."""

    folder: Path
    port: int = field(default_factory=lambda: free_port())
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, always under the same address; return when it answers."""
        address = f"127.0.0.1:{self.port}"
        self.process = subprocess.Popen(
            [
                Path(sys.executable).parent / "rclone",
                *("serve", "s3", "--auth-key", "key,secret", "--addr", address, self.folder),
            ],
            stderr=subprocess.DEVNULL,
        )
        wait_for(self.port)

    def stop(self) -> None:
        """Stop it; nothing listens there any more."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def hang(self) -> None:
        """Let it take connections and answer none."""
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)
        os.waitpid(self.process.pid, os.WUNTRACED)  # it may answer once more until it has stopped

    def go_on(self) -> None:
        """End that."""
        assert self.process is not None
        self.process.send_signal(signal.SIGCONT)


def use_bucket(settings: Settings, port: int) -> None:
    """Keep files there."""
    settings.MINIO_STORAGE_ENDPOINT = f"127.0.0.1:{port}"
    settings.MINIO_STORAGE_ACCESS_KEY = "key"
    settings.MINIO_STORAGE_SECRET_KEY = "secret"
    settings.MINIO_STORAGE_USE_HTTPS = False
    settings.MINIO_STORAGE_REGION = "us-east-1"
    settings.MINIO_STORAGE_MEDIA_BUCKET_NAME = BUCKET
    settings.MINIO_STORAGE_AUTO_CREATE_MEDIA_BUCKET = True
    settings.MINIO_STORAGE_MEDIA_USE_PRESIGNED = True
    settings.STORAGES = {**settings.STORAGES, "default": {"BACKEND": "server.bucket.Bucket"}}


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def wait_for(port: int) -> None:
    for _ in range(200):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return
        time.sleep(0.05)
    raise TimeoutError
