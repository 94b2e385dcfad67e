"""A dataclass of arrays as a folder of files that are mapped into memory.

Arrays of numbers lie in one ``.npy`` file each and are mapped when they are read, so that processes
share their pages; they are mapped copy-on-write, so that Numba sees the writable arrays that it was
compiled for and the files never change. Geometries that the reader has as well (the rows of the
layers) are kept as their numbers among those; other ones as well-known binary. Nothing of a file is
ever executed, and a checksum per file detects damage.

joblib maps as fast, but executes what it unpickles; safetensors copies instead of mapping; neither
detects damage.
"""

import json
import typing
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from itertools import pairwise
from pathlib import Path
from threading import Lock
from typing import Any, Final, TypeAlias, TypeVar, cast
from zlib import crc32

import numpy as np
import numpy.typing as npt
import shapely
from numpy.lib.format import open_memmap

from geo.arrays import GeometryArray
from geo.errors import FileFormatError

T = TypeVar("T")
Node: TypeAlias = Any  # what JSON holds
Announced: TypeAlias = Any  # the type of a field
INDEX: Final = "index.json"
_ABSENT: Final = -1
_DAMAGE: Final = (AttributeError, LookupError, OSError, OverflowError, TypeError, ValueError)
"""Errors that reading a damaged file can raise."""
_one_header_at_a_time: Final = Lock()
"""NumPy evaluates a header as Python's syntax, which fails in two threads at once (SystemError;
https://github.com/python/cpython/issues/106905, mended in 3.11.9 and 3.12.2)."""


def write_folder(
    folder: Path,
    value: object,
    *,
    known: Sequence[GeometryArray] = (),
    given: Sequence[str] = (),
) -> None:
    """Write a dataclass into an empty folder.

    Parameters
    ----------
    folder : Path
        There already.
    value : dataclass
        Of arrays of numbers, arrays of geometries, numbers and text, and of dataclasses and (named)
        tuples of such.
    known : sequence of ndarray of geometry
        Geometries that the reader will have, the very objects.
    given : sequence of str
        Fields of `value` that the reader will have.

    Raises
    ------
    OSError
        If it cannot be written.
    TypeError
        If it holds something else.
    """
    writer = _Writer(folder, np.concatenate([np.zeros(0, object), *known]))
    tree = writer.members(value, but=given)
    index = json.dumps({"tree": tree, "shapes": writer.others(), "crc": writer.crc})
    checked = json.dumps({"index": index, "crc": crc32(index.encode())})
    (folder / INDEX).write_text(checked, encoding="utf-8")


def read_folder(
    folder: Path,
    kind: type[T],
    *,
    known: Sequence[GeometryArray] = (),
    given: Mapping[str, object] | None = None,
) -> T:
    """Read what :func:`write_folder` wrote.

    Parameters
    ----------
    folder : Path
    kind : type
        The dataclass that was written.
    known : sequence of ndarray of geometry
        Equal to those that were known when it was written.
    given : mapping
        The fields that were not written.

    Raises
    ------
    FileFormatError
        If a file is missing, damaged or not what was written.
    """
    try:
        index = _index(folder)
        reader = _Reader(folder, index["crc"])
        reader.take_shapes([np.zeros(0, object), *known], index["shapes"])
        return cast("T", reader.made(index["tree"], kind, given or {}))
    except (*_DAMAGE, shapely.GEOSException) as error:
        raise FileFormatError("cache.damaged", folder=folder, reason=str(error)) from None


def _index(folder: Path) -> Node:
    checked = json.loads((folder / INDEX).read_text("utf-8"))
    if crc32(checked["index"].encode()) != checked["crc"]:
        raise ValueError("its index is damaged")
    return json.loads(checked["index"])


class _Writer:
    """Writes arrays as files, and everything else as nodes of a JSON tree."""

    def __init__(self, folder: Path, known: GeometryArray) -> None:
        self._folder = folder
        self._number = {id(shape): number for number, shape in enumerate(known)}
        self._known = len(known)
        self._others: list[shapely.Geometry] = []
        self._written: dict[int, str] = {}
        self.crc: dict[str, int] = {}

    def members(self, value: Any, *, but: Sequence[str] = ()) -> Node:  # noqa: ANN401 - dataclass
        """Return the JSON node of a dataclass."""
        names = [field.name for field in fields(value) if field.name not in but]
        return {"fields": {name: self.node(getattr(value, name)) for name in names}}

    def node(self, value: object) -> Node:
        """Return the JSON node of a value."""
        if isinstance(value, np.ndarray):
            if value.dtype == object:
                numbers = np.fromiter(map(self._shape, value.flat), np.int64, value.size)
                return {"shapes": self._file(numbers.reshape(value.shape))}
            if id(value) not in self._written:  # one array may stand in two places
                self._written[id(value)] = self._file(value)
            return {"array": self._written[id(value)]}
        if isinstance(value, tuple):
            return [self.node(item) for item in value]
        if is_dataclass(value):
            return self.members(value)
        if value is None or type(value) in {str, int, float, bool}:
            return value
        raise TypeError(f"Got {type(value).__name__}; wanted what a folder of arrays can hold.")

    def others(self) -> dict[str, str]:
        """Write the geometries that the reader will not have."""
        binary = [shapely.to_wkb(shape) for shape in self._others]
        end = np.cumsum([0, *map(len, binary)], dtype=np.int64)
        text = np.frombuffer(b"".join(binary), np.uint8)
        return {"end": self._file(end), "wkb": self._file(text)}

    def _shape(self, shape: object) -> int:
        """Return the number of a geometry; -1 for none."""
        if shape is None:
            return _ABSENT
        if not isinstance(shape, shapely.Geometry):
            raise TypeError(f"Got an array of {type(shape).__name__}; wanted geometries.")
        if id(shape) not in self._number:
            self._number[id(shape)] = self._known + len(self._others)
            self._others.append(shape)
        return self._number[id(shape)]

    def _file(self, array: npt.NDArray[Any]) -> str:
        name = f"{len(self.crc):02d}.npy"
        np.save(self._folder / name, array, allow_pickle=False)
        self.crc[name] = _crc(array)
        return name


class _Reader:
    """Maps the files, and makes values of the nodes."""

    def __init__(self, folder: Path, crc: dict[str, int]) -> None:
        self._folder, self._crc = folder, crc
        self._mapped: dict[str, npt.NDArray[Any]] = {}
        self._pool: GeometryArray = np.zeros(0, object)

    def take_shapes(self, known: Sequence[GeometryArray], others: dict[str, str]) -> None:
        """Take the geometries that are at hand, and read the other ones."""
        end, text = self._file(others["end"]), self._file(others["wkb"]).tobytes()
        binary = np.array([text[low:high] for low, high in pairwise(end)], object)
        none = np.array([None], object)  # -1 stands for it
        self._pool = np.concatenate([*known, shapely.from_wkb(binary), none])

    def made(self, node: Node, kind: Announced, given: Mapping[str, object]) -> object:
        """Return the dataclass of a node, some fields of which are given."""
        kinds = typing.get_type_hints(kind)
        parts = {name: self.value(child, kinds[name]) for name, child in node["fields"].items()}
        return kind(**parts, **given)

    def value(self, node: Node, kind: Announced) -> object:
        """Return the value of a node; `kind` is the type that is announced for it."""
        if isinstance(node, list):
            return self._tuple(node, kind)
        if not isinstance(node, dict):
            return node
        if "array" in node:
            return self._file(node["array"])
        if "shapes" in node:
            return self._pool[self._file(node["shapes"])]
        return self.made(node, kind, {})

    def _tuple(self, nodes: list[Node], kind: Announced) -> object:
        if hasattr(kind, "_make"):
            kinds = typing.get_type_hints(kind).values()
            return kind._make(map(self.value, nodes, kinds))
        return tuple(map(self.value, nodes, typing.get_args(kind)))

    def _file(self, name: str) -> npt.NDArray[Any]:
        if name not in self._mapped:
            # A plain array on the mapped memory: Numba looks at the class of each argument.
            with _one_header_at_a_time:
                array = open_memmap(self._folder / name, mode="c").view(np.ndarray)
            if _crc(array) != self._crc[name]:
                raise ValueError(f"{name} is damaged")
            self._mapped[name] = array
        return self._mapped[name]


def _crc(array: npt.NDArray[Any]) -> int:
    """Return a checksum of an array: its bytes, shape and type."""
    head = crc32(f"{array.dtype}{array.shape}".encode())
    return crc32(array.reshape(-1).view(np.uint8).data, head)
