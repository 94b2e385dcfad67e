"""Zip archives, member by member, by list: the one shapefile of one, and workbooks."""

import io
import re
import stat
import zipfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Final

from boundaries.readers.files.formats import (
    GEODATABASE,
    MAPINFO_MIF,
    MAPINFO_TAB,
    ZIPPED_SHAPEFILE,
    unreadable,
)
from boundaries.readers.files.limits import MAX_LISTING_BYTES
from boundaries.readers.files.sheet_extent import SheetExtent
from boundaries.readers.files.unpack import Budget, copy, pieces
from geo.errors import FileFormatError

_ENCRYPTED: Final = 0x1
_METHODS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ARCHIVES: Final = (".zip", ".gz", ".bz2", ".xz", ".7z", ".rar", ".tar", ".tgz", ".zst", ".kmz")
_MAC_EXTRAS: Final = "__MACOSX"
OF_GEODATABASE: Final = re.compile(
    r"(a[0-9a-f]{8}\.(gdbtable|gdbtablx|gdbindexes|spx|atx|horizon|freelist)|gdb|timestamps)",
    re.IGNORECASE,
)
"""Files of a geodatabase; no other one of its folder is opened."""


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
    wanted = (*ZIPPED_SHAPEFILE.required, *ZIPPED_SHAPEFILE.allowed)

    def chosen(members: Sequence[zipfile.ZipInfo]) -> dict[str, zipfile.ZipInfo]:
        found = _tables(members, {".shp": wanted}, path.name)
        if len(found) != 1:
            said = {"layers": len(found), "names": list(found)}
            raise FileFormatError("files.several_shapefiles", what=path.name, **said)
        return next(iter(found.values()))

    _unpack(path, folder, chosen)


def unpack_mapinfo(path: Path, folder: Path) -> bool:
    """Unpack the one table of MapInfo of an archive without a shapefile, to ``in.tab`` and so on.

    Returns False if it holds none.

    Raises
    ------
    FileFormatError
        As :func:`unpack_shapefile`, and if there are several.
    """
    wanted = {".tab": MAPINFO_TAB.required, ".mif": MAPINFO_MIF.required}

    def chosen(members: Sequence[zipfile.ZipInfo]) -> dict[str, zipfile.ZipInfo]:
        found = _tables(members, wanted, path.name)
        if _tables(members, {".shp": (".shp",)}, path.name) or not found:
            return {}
        if len(found) > 1:
            said = {"n": len(found), "kind": "MapInfo", "names": list(found)}
            raise FileFormatError("files.several_documents", what=path.name, **said)
        return next(iter(found.values()))

    return _unpack(path, folder, chosen)


def unpack_geodatabase(path: Path, folder: Path) -> bool:
    """Unpack the one file geodatabase of an archive; return False if it holds none.

    Raises
    ------
    FileFormatError
        As :func:`unpack_shapefile`, and if there are several.
    """
    return _unpack(path, folder, lambda members: _geodatabase(members, path.name))


def unpack_document(path: Path, folder: Path, suffix: str) -> Path:
    """Unpack the one file with an ending of an archive, and return where it is.

    Raises
    ------
    FileFormatError
        As :func:`unpack_shapefile`, and if there is none, or several.
    """
    target = folder / f"in{suffix}"

    def chosen(members: Sequence[zipfile.ZipInfo]) -> dict[str, zipfile.ZipInfo]:
        found = [each for each in members if each.filename.lower().endswith(suffix)
                 and _MAC_EXTRAS.lower() not in each.filename.lower()]  # fmt: skip
        if len(found) != 1:
            said = {"n": len(found), "kind": suffix, "names": [each.filename for each in found]}
            raise FileFormatError("files.several_documents", what=path.name, **said)
        return {target.name: found[0]}

    _unpack(path, folder, chosen)
    return target


def _unpack(
    path: Path,
    folder: Path,
    choose: Callable[[Sequence[zipfile.ZipInfo]], Mapping[str, zipfile.ZipInfo]],
) -> bool:
    """Unpack chosen members under new names; return whether there were any."""
    try:
        with _BoundedReads(path) as file, zipfile.ZipFile(file) as archive:
            members = [each for each in archive.infolist() if not each.filename.endswith("/")]
            for member in members:
                _check(member, path.name)
            chosen = choose(members)
            size = path.stat().st_size
            Budget(path.name, size).spend(sum(each.file_size for each in chosen.values()))
            budget = Budget(path.name, size)  # what the list says may be untrue
            for name, member in chosen.items():
                with archive.open(member) as source:
                    copy(source, folder / name, budget)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError) as error:
        raise unreadable(path.name, str(error)) from error
    return bool(chosen)


def _geodatabase(members: Sequence[zipfile.ZipInfo], what: str) -> dict[str, zipfile.ZipInfo]:
    """Return the files of the one geodatabase by their new names; none if there is none."""
    found: dict[PurePosixPath, dict[str, zipfile.ZipInfo]] = {}
    for member in members:
        place = PurePosixPath(member.filename)
        inside = _MAC_EXTRAS.lower() not in str(place).lower()
        if inside and OF_GEODATABASE.fullmatch(place.name):
            part = found.setdefault(place.parent, {})
            if place.name.lower() in part:
                raise FileFormatError("files.member_twice", what=what, name=member.filename)
            part[place.name.lower()] = member
    found = {place: parts for place, parts in found.items() if GEODATABASE.mark in parts}
    if len(found) > 1:
        said = {"n": len(found), "kind": ".gdb", "names": [str(place) for place in found]}
        raise FileFormatError("files.several_documents", what=what, **said)
    return next(iter(found.values()), {})


def check_workbook(path: Path) -> None:
    """Unpack every member of a workbook to nowhere, under the limits of :class:`Budget`.

    What reads workbooks has no limits of its own, and makes room for every cell up to the last one
    of a sheet, whether there is anything in it or not.

    Raises
    ------
    FileFormatError
        As :func:`unpack_shapefile`, and if a sheet has too many cells.
    """
    try:
        with _BoundedReads(path) as file, zipfile.ZipFile(file) as archive:
            budget = Budget(path.name, path.stat().st_size)
            for member in archive.infolist():
                if not member.filename.endswith("/"):
                    _check(member, path.name)
                    with archive.open(member) as source:
                        extent = SheetExtent(path.name)
                        for piece in pieces(source, budget):
                            extent.see(piece)
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


def _tables(
    members: Sequence[zipfile.ZipInfo], wanted: Mapping[str, Sequence[str]], what: str
) -> dict[str, dict[str, zipfile.ZipInfo]]:
    """Return by name each table that has a file with one of some endings, and its files.

    Parameters
    ----------
    wanted : mapping of str to sequence of str
        By the ending of the main file those of all that belong to it.
    """
    by_name: dict[PurePosixPath, zipfile.ZipInfo] = {}
    for member in members:
        place = PurePosixPath(member.filename.lower())
        if place in by_name:
            raise FileFormatError("files.member_twice", what=what, name=member.filename)
        if _MAC_EXTRAS.lower() not in place.parts:
            by_name[place] = member
    return {
        member.filename: {
            f"in{suffix}": by_name[place.with_suffix(suffix)]
            for suffix in wanted[place.suffix]
            if place.with_suffix(suffix) in by_name
        }
        for place, member in by_name.items()
        if place.suffix in wanted
    }
