"""Structured logs on stderr: JSON lines for programs, key=value for people.

Lines are written by a thread of their own. When nobody reads them they are dropped, so a full pipe
never stops the service.
"""

import logging
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from queue import Full, Queue
from threading import Thread
from typing import Any, Final, TextIO

import orjson
import structlog
from structlog.contextvars import bound_contextvars, merge_contextvars
from structlog.typing import EventDict, Processor, WrappedLogger

from api import request_id
from geo.errors import InputError

OURS: Final = ("lifecircle", "api", "boundaries")
"""Loggers that tell more than warnings."""

FORMATS: Final = ("auto", "json", "text")
_WAITING_LINES: Final = 10_000
_LAST_LINES_S: Final = 1.0
"""What a stopping service leaves to lines that wait, seconds."""

_HIDDEN: Final = "***"


def get_logger(name: str) -> structlog.stdlib.BoundLogger:
    """Return the logger of a name; it writes nothing below a warning until `configure`."""
    logger: structlog.stdlib.BoundLogger = structlog.wrap_logger(
        logging.getLogger(name),
        wrapper_class=structlog.stdlib.BoundLogger,
        processors=[
            structlog.stdlib.filter_by_level,
            *_FIRST,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
    )
    return logger


def is_json(log_format: str) -> bool:
    """Return whether lines are JSON: as the setting says, else where nobody looks at a terminal.

    Raises
    ------
    InputError
        If the setting is none of `FORMATS`.
    """
    if log_format not in FORMATS:
        raise InputError("service.log_format", got=log_format[:80], known=list(FORMATS))
    return log_format == "json" or (log_format == "auto" and not sys.stderr.isatty())


def configure(
    log_format: str, *, secrets: Sequence[str] = (), stream: TextIO | None = None
) -> None:
    """Have everything that this process logs written as structured lines.

    Parameters
    ----------
    log_format : str
        One of `FORMATS`.
    secrets : sequence of str
        What no line may hold, for instance the password of the database.
    stream : text file, optional
        By default stderr.
    """
    last: Processor = structlog.processors.LogfmtRenderer(bool_as_flag=False)
    if is_json(log_format):
        last = structlog.processors.JSONRenderer(serializer=_dumps)
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_FIRST,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            _Hide([secret for secret in secrets if secret]),
            last,
        ],
    )
    lines = LogLines(stream or sys.stderr)
    lines.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers = [lines]
    root.setLevel(logging.WARNING)  # below, libraries tell addresses with all that is in them
    for name in OURS:
        logging.getLogger(name).setLevel(logging.INFO)


@contextmanager
def lines_of(request: str, **names: str) -> Iterator[None]:
    """Have every line and every problem that is made meanwhile carry an id of a request, and names.

    Parameters
    ----------
    request : str
        Id of the request; empty where none is known.
    names : str
        What else each line is to tell, for instance ``actor``.
    """
    token = request_id.current.set(request)
    try:
        with bound_contextvars(**names):
            yield
    finally:
        request_id.current.reset(token)


def teller(log_format: str, say: Callable[[str], None]) -> Callable[[str], None]:
    """Return what tells a person one line: `say`, or the log where lines are JSON."""
    return get_logger("lifecircle").info if is_json(log_format) else say


class LogLines(logging.Handler):
    """Write lines in a thread; drop them while too many wait.

    Parameters
    ----------
    stream : text file
    """

    def __init__(self, stream: TextIO) -> None:
        super().__init__()
        self._stream = stream
        self._waiting: Queue[str | None] = Queue(_WAITING_LINES)
        self._writer = Thread(target=self._write, name="log", daemon=True)
        self._writer.start()

    def emit(self, record: logging.LogRecord) -> None:
        """Queue one line."""
        try:
            self._waiting.put_nowait(self.format(record))
        except Full:
            pass
        except Exception:  # noqa: BLE001 - logging goes on, whatever cannot be rendered
            self.handleError(record)

    def close(self) -> None:
        """Write what waits, unless nobody reads it."""
        try:
            self._waiting.put_nowait(None)
        except Full:
            return super().close()
        self._writer.join(_LAST_LINES_S)
        return super().close()

    def _write(self) -> None:
        for line in iter(self._waiting.get, None):
            try:
                self._stream.write(f"{line}\n")
                self._stream.flush()
            except (OSError, ValueError):  # closed: nobody reads
                continue


class _Hide:
    """Replace secrets in every text of a line."""

    def __init__(self, secrets: Sequence[str]) -> None:
        self._secrets = sorted(secrets, key=len, reverse=True)

    def __call__(self, _: WrappedLogger, __: str, event: EventDict) -> EventDict:
        return {key: self._hidden(value) for key, value in event.items()}

    def _hidden(self, value: Any) -> Any:  # noqa: ANN401 - whatever is logged
        if isinstance(value, bool | int | float | None):
            return value
        text = str(value)
        for secret in self._secrets:
            text = text.replace(secret, _HIDDEN)
        return text


def _add_request_id(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    known = request_id.current.get()
    if known:
        event.setdefault("request_id", known)
    return event


def _dumps(event: Any, **_: Any) -> str:  # noqa: ANN401 - as structlog calls it
    return orjson.dumps(event, default=str).decode()


_FIRST: Final[tuple[Processor, ...]] = (
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    _add_request_id,
    merge_contextvars,
)
"""What every line has, also that of a library."""
