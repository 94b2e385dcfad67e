"""The one exception tree of Lifecircle.

::

    LifecircleError            what was got, what was wanted, what to do
    |-- InputError             the caller's data or parameters are wrong
    |   |-- CrsError           a CRS is missing, geographic or unknown
    |   |-- FileFormatError    a file cannot be read as what it claims to be
    |   `-- SchemaError        columns, types or values of a table are wrong
    |-- NotFoundError          a district, grid, category ... is not there
    |-- ConflictError          the request contradicts what is stored
    |-- EmptyError             there is nothing to compute on
    `-- UnavailableError       what is needed does not answer at the moment
"""

from typing import Self


class LifecircleError(Exception):
    """Base of every error that Lifecircle raises on purpose.

    Parameters
    ----------
    message : str
        One sentence: what was got, what was wanted, what to do.

    Attributes
    ----------
    edit : int or None
        Position, from 0, of the edit of a scenario that is at fault; None where none is.
    """

    edit: int | None = None

    def of_edit(self, edit: int) -> Self:
        """Return the same error as that of one edit of a list, named by `edit` and in its text."""
        named = type(self)(f"Edit {edit + 1}: {self}")
        named.edit = edit
        return named


class InputError(LifecircleError):
    """The caller's data or parameters are wrong."""


class CrsError(InputError):
    """A coordinate reference system is missing, unknown or not fit for the task."""


class FileFormatError(InputError):
    """A file cannot be read as what it claims to be."""


class SchemaError(InputError):
    """Columns, types or values of a table are wrong."""


class NotFoundError(LifecircleError):
    """What was asked for is not there."""


class ConflictError(LifecircleError):
    """The request contradicts what is stored."""


class EmptyError(LifecircleError):
    """There is nothing to compute on."""


class UnavailableError(LifecircleError):
    """What is needed, such as the database server, does not answer at the moment."""
