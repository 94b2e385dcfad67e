"""Arrow tables: what their buffers declare to unpack to is summed before Arrow unpacks them."""

import struct
from collections.abc import Iterator
from typing import Final

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from boundaries.readers.files.limits import check_table_size
from boundaries.readers.files.unpack import Budget
from geo.errors import FileFormatError

_FILE_MARK: Final = b"ARROW1\0\0"
_BATCH, _DICTIONARY = "record batch", "dictionary"
_UNPACKED: Final = -1  # a buffer that was left as it is, declared in place of its length


def read_arrow(data: bytes, what: str) -> pd.DataFrame:
    """Return a table of Arrow's IPC, stream or file.

    A file is read as the stream that it holds; its footer, which could name a batch many times, is
    not used. Metadata of other programs is left aside.

    Parameters
    ----------
    data : bytes
    what : str
        Name of the table, for messages.

    Raises
    ------
    FileFormatError
        If it is damaged, nested, or beyond the limits.
    """
    stream = pa.py_buffer(data)
    if data.startswith(_FILE_MARK):
        stream = stream.slice(len(_FILE_MARK))
    try:
        budget = Budget(what, len(data))
        rows = _check_messages(stream, budget)
        with pa.ipc.open_stream(stream) as reader:
            check_plain(reader.schema, what)
            check_table_size(rows, len(reader.schema), what=what)
            table = reader.read_all()
        table.validate(full=True)
        frame: pd.DataFrame = written_out(table, budget).to_pandas(ignore_metadata=True)
    except (pa.ArrowException, OSError, EOFError, ValueError, KeyError, struct.error) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise FileFormatError("files.arrow_damaged", what=what, reason=reason) from error
    return frame


def check_plain(schema: pa.Schema, what: str) -> None:
    """Raise `FileFormatError` if columns are nested or packed in ways of their own."""
    nested = [field.name for field in schema if not _is_plain(field.type)]
    if nested:
        raise FileFormatError("files.arrow_nested", what=what, columns=", ".join(nested))


def _is_plain(kind: pa.DataType) -> bool:
    """Return whether values of a type lie one behind the other, each with a place of its own."""
    if pa.types.is_dictionary(kind):
        return bool(
            pa.types.is_string(kind.value_type)
            or pa.types.is_large_string(kind.value_type)
            or pa.types.is_binary(kind.value_type)
        )
    return not (
        pa.types.is_nested(kind)
        or pa.types.is_run_end_encoded(kind)
        or pa.types.is_string_view(kind)
        or pa.types.is_binary_view(kind)
        or isinstance(kind, pa.BaseExtensionType)
    )


def written_out(table: pa.Table, budget: Budget) -> pa.Table:
    """Return a table with the words of dictionaries written out, if they may be that many."""
    for number, field in enumerate(table.schema):
        if pa.types.is_dictionary(field.type):
            column = table.column(number)
            for chunk in column.chunks:
                lengths = pc.binary_length(chunk.dictionary).take(chunk.indices)
                budget.spend(pc.sum(lengths).as_py() or 0)
            words = column.cast(field.type.value_type)
            table = table.set_column(number, field.name, words)
    return table


def _check_messages(stream: pa.Buffer, budget: Budget) -> int:
    """Return the number of rows; raise if all buffers unpack to more than the limits allow."""
    rows = 0
    for message in pa.ipc.MessageReader.open_stream(stream):
        if message.type in {_BATCH, _DICTIONARY}:
            metadata = memoryview(message.metadata)
            batch = _child(metadata, _root(metadata), 2)
            if message.type == _DICTIONARY:
                batch = _child(metadata, batch, 1)
            else:
                place = _field(metadata, batch, 0)
                rows += struct.unpack_from("<q", metadata, place)[0] if place else 0
            for size in _unpacked_sizes(metadata, batch, message.body):
                budget.spend(size)
    return rows


def _unpacked_sizes(metadata: memoryview, batch: int, body: pa.Buffer) -> Iterator[int]:
    """Give the size of each buffer of a batch: a packed one begins with it."""
    is_packed = _field(metadata, batch, 3)
    buffers = _child(metadata, batch, 2)
    content = memoryview(body) if body is not None else memoryview(b"")
    for i in range(struct.unpack_from("<I", metadata, buffers)[0]):
        start, length = struct.unpack_from("<qq", metadata, buffers + 4 + 16 * i)
        if is_packed and length > 0:
            (declared,) = struct.unpack_from("<q", content, start)
            length = length if declared == _UNPACKED else declared
        yield max(length, 0)


def _root(metadata: memoryview) -> int:
    """Return the place of the outermost table of a flatbuffer."""
    return int(struct.unpack_from("<I", metadata, 0)[0])


def _field(metadata: memoryview, table: int, slot: int) -> int:
    """Return the place of a field of a table of a flatbuffer; 0 where it is left out."""
    (distance,) = struct.unpack_from("<i", metadata, table)
    size, offset = table - distance, 4 + 2 * slot
    if offset >= struct.unpack_from("<H", metadata, size)[0]:
        return 0
    (inside,) = struct.unpack_from("<H", metadata, size + offset)
    return table + inside if inside else 0


def _child(metadata: memoryview, table: int, slot: int) -> int:
    """Return the place of a table or list that a field of a table refers to."""
    place = _field(metadata, table, slot)
    if not place:
        raise struct.error("a message without content")
    return place + int(struct.unpack_from("<I", metadata, place)[0])
