"""Uploads: a request's body streams into the spool folder while it is counted and hashed."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Executor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import BinaryIO, Final, TypeVar

from fastapi import Request
from starlette.requests import ClientDisconnect

from api.jobs.runner import Jobs
from api.jobs.spool import Spool, Upload, told
from geo.errors import InputError

_PART_BYTES: Final = 1_000_000
"""What is gathered before it is written: larger than what comes at once, small in memory."""

_T = TypeVar("_T")


@asynccontextmanager
async def received(request: Request, jobs: Jobs, filename: str) -> AsyncIterator[Upload]:
    """Write the body of a request into the spool folder.

    The file is removed unless a job of its name is submitted within the context.

    Raises
    ------
    TooLargeError
        If the body is larger than the service takes (:mod:`api.http.limits.body_limits`).
    TooManyError
        If the queue or the spool folder is full.
    UnavailableError
        If the disk is.
    """
    declared = int(request.headers.get("content-length", "0"))
    job, path = await _on(jobs.writers, jobs.begin_upload, filename, declared)
    try:
        size, sha256 = await _write(request, path, jobs)
        yield Upload(job, filename, size, sha256)
    except ClientDisconnect:
        raise InputError("job.upload_broke_off") from None
    finally:
        jobs.end_upload(job)


async def _write(request: Request, path: Path, jobs: Jobs) -> tuple[int, str]:
    """Return size and hash of a body that is written to `path`."""
    digest, size, part = hashlib.sha256(), 0, bytearray()
    with told(), path.open("xb") as file:
        async for chunk in request.stream():
            part += chunk
            size += len(chunk)
            if len(part) >= _PART_BYTES:
                await _on(jobs.writers, _append, jobs.spool, file, digest, bytes(part))
                part.clear()
        await _on(jobs.writers, _append, jobs.spool, file, digest, bytes(part))
    return size, digest.hexdigest()


def _append(spool: Spool, file: BinaryIO, digest: "hashlib._Hash", part: bytes) -> None:
    spool.append(file, part)
    digest.update(part)


async def _on(writers: Executor, do: Callable[..., _T], *values: object) -> _T:
    """Call a function in a thread that writes uploads."""
    return await asyncio.get_running_loop().run_in_executor(writers, do, *values)
