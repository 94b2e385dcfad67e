"""Zip archives, member by member, by list: the one shapefile of one, and workbooks."""

import io
import stat
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Final

from boundaries.readers.files.formats import ZIPPED_SHAPEFILE, unreadable
from boundaries.readers.files.limits import MAX_LISTING_BYTES
from boundaries.readers.files.unpack import Budget, copy, skim
from geo.errors import FileFormatError

_ENCRYPTED: Final = 0x1
_METHODS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ARCHIVES: Final = (".zip", ".gz", ".bz2", ".xz", ".7z", ".rar", ".tar", ".tgz", ".zst", ".kmz")
_MAC_EXTRAS: Final = "__MACOSX"


class _BoundedReads(io.FileIO):
    """A file that does not give more at once than a list of members may have."""

    def read(self, size: int | None = -1, /) -> bytes:
        wanted = self._left() if size is None or size < 0 else size
        if wanted > MAX_LISTING_BYTES:
            name, mib = Path(str(self.name)).name, MAX_LISTING_BYTES >> 20
            raise FileFormatError("files.listing_too_long", name=name, mib=mib)
        return super().read(wanted) or b""

    def _left(self) -> int:
        """Return the bytes from here to the end."""
        here = self.tell()
        end = self.seek(0, io.SEEK_END)
        self.seek(here)
        return end - here


def unpack_shapefile(path: Path, folder: Path) -> None:
    """Unpack the one shapefile of an archive, wherever in it, to ``in.shp`` and so on.

    Names are compared without case. Members of other kinds are left in the archive.

    Raises
    ------
    FileFormatError
        If the archive is damaged or larger than the limits; if a member is a link, encrypted,
        twice there, an archive itself, or leads out of the archive; or if it does not hold one
        shapefile.
    """
    try:
        with _BoundedReads(path) as file, zipfile.ZipFile(file) as archive:
            members = [each for each in archive.infolist() if not each.filename.endswith("/")]
            for member in members:
                _check(member, path.name)
            chosen = _shapefile(members, path.name)
            size = path.stat().st_size
            Budget(path.name, size).spend(sum(each.file_size for each in chosen.values()))
            budget = Budget(path.name, size)  # what the list says may be untrue
            for suffix, member in chosen.items():
                with archive.open(member) as source:
                    copy(source, folder / f"in{suffix}", budget)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError) as error:
        raise unreadable(path.name, str(error)) from error


def check_workbook(path: Path) -> None:
    """Unpack every member of a workbook to nowhere, under the limits of :class:`Budget`.

    What reads workbooks has no limits of its own.

    Raises
    ------
    FileFormatError
        As :func:`unpack_shapefile`.
    """
    try:
        with _BoundedReads(path) as file, zipfile.ZipFile(file) as archive:
            budget = Budget(path.name, path.stat().st_size)
            for member in archive.infolist():
                if not member.filename.endswith("/"):
                    _check(member, path.name)
                    with archive.open(member) as source:
                        skim(source, budget)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError) as error:
        raise unreadable(path.name, str(error)) from error


def _check(member: zipfile.ZipInfo, what: str) -> None:
    """Raise unless a member is an ordinary file inside the archive."""
    name = member.orig_filename
    parts = PurePosixPath(name.replace("\\", "/")).parts
    mode = member.external_attr >> 16
    fault = ""
    if not (name.isprintable() and parts) or ".." in parts or parts[0] == "/" or ":" in parts[0]:
        fault = "files.member_leads_out"
    elif stat.S_IFMT(mode) not in {0, stat.S_IFREG}:
        fault = "files.member_is_link"
    elif member.flag_bits & _ENCRYPTED:
        fault = "files.member_encrypted"
    elif member.compress_type not in _METHODS:
        fault = "files.member_packing"
    elif parts[-1].lower().endswith(_ARCHIVES):
        fault = "files.member_is_archive"
    if fault:
        raise FileFormatError(fault, what=what, name=name)


def _shapefile(members: Sequence[zipfile.ZipInfo], what: str) -> dict[str, zipfile.ZipInfo]:
    """Return the members of the one shapefile, by suffix."""
    wanted = (*ZIPPED_SHAPEFILE.required, *ZIPPED_SHAPEFILE.allowed)
    by_name: dict[PurePosixPath, zipfile.ZipInfo] = {}
    for member in members:
        place = PurePosixPath(member.filename.lower())
        if place in by_name:
            raise FileFormatError("files.member_twice", what=what, name=member.filename)
        if _MAC_EXTRAS.lower() not in place.parts:
            by_name[place] = member
    shapes = [place for place in by_name if place.suffix == ".shp"]
    if len(shapes) != 1:
        names = [by_name[place].filename for place in shapes]
        raise FileFormatError(
            "files.several_shapefiles", what=what, layers=len(shapes), names=names
        )
    places = {suffix: shapes[0].with_suffix(suffix) for suffix in wanted}
    return {suffix: by_name[place] for suffix, place in places.items() if place in by_name}
