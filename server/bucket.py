"""A bucket of any S3 store, for server.blobs. Named by the settings, imported by nobody."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, BinaryIO, cast
from urllib.parse import urlsplit

import urllib3
from django.conf import settings
from django.core.files.base import File
from django.utils import timezone
from minio import Minio
from minio.datatypes import Object
from minio.error import MinioException, S3Error
from minio_storage.files import MinioStorageFile
from minio_storage.storage import MinioMediaStorage, create_minio_client_from_settings
from urllib3.exceptions import HTTPError

from server.blobs import StorageFull, StorageUnavailable, renewing
from server.listing import Pieces, Stored

# A store that takes a connection and says nothing is not asked a second time: the phone waits.
_RETRIES = urllib3.Retry(total=1, read=0, backoff_factor=0.2, status_forcelist=(500, 502, 503, 504))

_GONE = ("NoSuchKey", "NoSuchObject", "ResourceNotFound")
_FULL = ("XMinioStorageFull", "QuotaExceeded", "InsufficientStorage")


class Bucket(MinioMediaStorage):
    """A bucket that takes each name once, lets nobody else read, and says so when it is down.

    S3 puts an object into place whole or not at all, and durably, before it answers.
    """

    def __init__(self) -> None:
        patience = urllib3.Timeout(connect=settings.MINIO_TIMEOUT_S, read=settings.MINIO_TIMEOUT_S)
        pool = urllib3.PoolManager(timeout=patience, retries=_RETRIES, maxsize=10)
        # `serve` puts files before it forks. Two children that speak on one inherited connection
        # write into each other's objects, so each begins with none.
        os.register_at_fork(after_in_child=pool.clear)
        with _asking("bucket"):
            super().__init__(
                minio_client=create_minio_client_from_settings(minio_kwargs={"http_client": pool}),
                # The package's default lets the whole world read a bucket that it makes.
                auto_create_policy=False,
            )

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        """Return `name` itself: two writers of one name hold the same bytes."""
        return name

    def exists(self, name: str) -> bool:
        """Tell whether an object is there. The package's own says no when the store is down."""
        try:
            self.size(name)
        except FileNotFoundError:
            return False
        return True

    def size(self, name: str) -> int:
        """Return an object's size in bytes. Raises FileNotFoundError."""
        with _asking(name):
            return int(super().size(name))

    def get_modified_time(self, name: str) -> dt.datetime:
        """Return when an object was put. Raises FileNotFoundError."""
        with _asking(name):
            return super().get_modified_time(name)

    def delete(self, name: str) -> None:
        """Remove an object; one that is not there stays so."""
        with _asking(name):
            super().delete(name)

    def listed(self, beginning: str = "") -> Iterator[Stored]:
        """Give each object whose name begins so."""
        found: Object
        with _asking(self.bucket_name):
            for found in self.client.list_objects(
                self.bucket_name, prefix=beginning, recursive=True
            ):
                yield Stored(
                    str(found.object_name), found.size or 0, found.last_modified or timezone.now()
                )

    def pieces(self, name: str, start: int, length: int) -> Pieces:
        """Open `length` bytes of an object from `start` on. Raises FileNotFoundError."""
        if not length:
            return Pieces(lambda _: b"", 0, lambda: None)
        try:
            with _asking(name):
                answer = self.client.get_object(self.bucket_name, name, offset=start, length=length)
        except StorageUnavailable:
            self.size(name)  # as in `_open`
            raise

        def read(most: int) -> bytes:
            with _asking(name):
                return bytes(answer.read(most))

        def close() -> None:
            answer.close()
            answer.release_conn()

        return Pieces(read, length, close)

    def presigned(self, name: str, headers: Mapping[str, str]) -> str:
        """Return an address below PRESIGNED at which one object can be fetched for a while."""
        return str(
            _seen_from_outside().presigned_get_object(
                self.bucket_name,
                name,
                expires=dt.timedelta(seconds=settings.PRESIGNED_S),
                response_headers={
                    f"response-{header.lower()}": value for header, value in headers.items()
                },
            )
        )

    def tops(self) -> Iterator[str]:
        """Give the names of its top folders, with a slash, and of the objects beside them."""
        with _asking(self.bucket_name):
            for found in self.client.list_objects(self.bucket_name):
                yield str(found.object_name)

    def overwrite(self, name: str, content: File[Any]) -> None:
        """Put bytes into place also where an object of that size is already."""
        with _asking(name):
            super()._save(name, cast("BinaryIO", content))  # the package means a File

    def _save(self, name: str, content: BinaryIO) -> str:  # a File, whatever the package says
        found = self._found(name)
        with renewing(found.last_modified if found else None) as is_old:
            is_whole = found is not None and found.size == cast("File[Any]", content).size
            # An object cannot be touched, so that an old one is put again.
            if is_old or not is_whole:
                with _asking(name):
                    super()._save(name, content)
        return name

    def _found(self, name: str) -> Object | None:
        try:
            with _asking(name):
                found: Object = self.client.stat_object(self.bucket_name, name)
        except FileNotFoundError:
            return None
        return found

    def _open(self, name: str, mode: str = "rb") -> MinioStorageFile:
        try:
            with _asking(name):
                file = super()._open(name, mode)
                # Fetched here and now, to a temporary file: the package would do it at the first
                # read, outside of every `except` of ours.
                file.seek(0)
        except StorageUnavailable:
            self.size(name)  # the client cannot read every store's "no such key"; this it can
            raise
        return file


def _seen_from_outside() -> Minio:
    """Return a client under the name that programs reach the store by, which is signed too.

    With the region given, signing asks nobody.
    """
    url = urlsplit(settings.PRESIGNED)
    return Minio(
        url.netloc,
        access_key=settings.MINIO_STORAGE_ACCESS_KEY,
        secret_key=settings.MINIO_STORAGE_SECRET_KEY,
        secure=url.scheme == "https",
        region=settings.MINIO_STORAGE_REGION,
    )


@contextmanager
def _asking(name: str) -> Iterator[None]:
    """Translate what the client raises: FileNotFoundError, StorageFull, StorageUnavailable."""
    try:
        yield
    except S3Error as error:
        if error.code in _GONE:
            raise FileNotFoundError(name) from error
        raise (StorageFull if error.code in _FULL else StorageUnavailable) from error
    except (MinioException, HTTPError) as error:
        raise StorageUnavailable from error
