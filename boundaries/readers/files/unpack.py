"""Unpack under limits that are kept while bytes are unpacked, whatever the file says of itself."""

import bz2
import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any, Final

from boundaries.readers.files.limits import MAX_RATIO, MAX_UNPACKED_BYTES, RATIO_FREE_BYTES
from geo.errors import FileFormatError

_PIECE_BYTES: Final = 1 << 20


class Budget:
    """What is left of the bytes that one file may unpack to.

    Parameters
    ----------
    what : str
        Name of the file, for messages.
    packed_bytes : int
        Its size.
    """

    def __init__(self, what: str, packed_bytes: int) -> None:
        self._what = what
        self._packed_bytes = packed_bytes
        self._unpacked_bytes = 0

    def spend(self, unpacked_bytes: int) -> None:
        """Count bytes.

        Raises
        ------
        FileFormatError
            If the file unpacks to too many, or to too many times its size.
        """
        self._unpacked_bytes += unpacked_bytes
        if self._unpacked_bytes > MAX_UNPACKED_BYTES:
            gib = MAX_UNPACKED_BYTES >> 30
            raise FileFormatError("files.unpacks_to_too_much", what=self._what, gib=gib)
        if self._unpacked_bytes > max(RATIO_FREE_BYTES, MAX_RATIO * self._packed_bytes):
            raise FileFormatError(
                "files.unpacks_to_too_many_times",
                what=self._what,
                packed=self._packed_bytes,
                most=MAX_RATIO,
            )


def copy(source: IO[bytes], target: Path, budget: Budget) -> None:
    """Write all of `source` to a file, piece by piece."""
    with target.open("wb") as file:
        while piece := source.read(_PIECE_BYTES):
            budget.spend(len(piece))
            file.write(piece)


def pieces(source: IO[bytes], budget: Budget) -> Iterator[bytes]:
    """Give all of `source`, piece by piece, and count it."""
    while piece := source.read(_PIECE_BYTES):
        budget.spend(len(piece))
        yield piece


def open_packed(path: Path) -> IO[bytes]:
    """Open a file for reading, one that ends in ``.gz`` or ``.bz2`` as what it holds unpacked."""
    openers: dict[str, Any] = {".gz": gzip.open, ".bz2": bz2.open}
    opened: IO[bytes] = openers.get(path.suffix.lower(), Path.open)(path, "rb")
    return opened


@contextmanager
def unpacked(path: Path, *, suffix: str) -> Iterator[Path]:
    """Unpack a file of gzip or bzip2 while the block runs.

    Parameters
    ----------
    path : Path
        Ends in ``.gz`` or ``.bz2``.
    suffix : str
        Of the file that is yielded.

    Raises
    ------
    FileFormatError
        If it is damaged, or larger than the limits allow.
    """
    with TemporaryDirectory() as folder:
        plain = Path(folder, f"in{suffix}")
        try:
            with open_packed(path) as source:
                copy(source, plain, Budget(path.name, path.stat().st_size))
        except (OSError, EOFError, zlib.error) as error:
            reason = str(error)
            raise FileFormatError("files.does_not_unpack", name=path.name, reason=reason) from error
        yield plain
