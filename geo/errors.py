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
        `-- StorageFullError   there is no room left where data is stored
"""

from typing import Any, Self

from geo.messages import Message


class LifecircleError(Exception):
    """Base of every error that Lifecircle raises on purpose.

    Its text is in the language spoken at present (:func:`geo.messages.language`).

    Parameters
    ----------
    message : str or Message
        Code of the catalogue: what was got, what was wanted, what to do.
    **parameters
        Of its sentence.

    Attributes
    ----------
    message : Message
    edit : int or None
        Position, from 0, of the edit of a scenario that is at fault; None where none is.
    public : Message or None
        For those who are not to know where and by which account things are stored; None where the
        message may be told to anybody.

    Examples
    --------
    >>> str(InputError("errors.edit_of_list", n=1, fault="There is no grid 7."))
    'Edit 1: There is no grid 7.'
    """

    edit: int | None = None
    public: Message | None = None

    def __init__(self, message: str | Message, **parameters: Any) -> None:  # noqa: ANN401
        self.message = message if isinstance(message, Message) else Message(message, parameters)
        super().__init__(self.message)

    def __str__(self) -> str:
        """Return the sentence in the language spoken at present."""
        return self.message.text()

    def but_in_public(self, message: str, **parameters: Any) -> Self:  # noqa: ANN401
        """Return the same error with a message for those who are not to know the whole one."""
        self.public = Message(message, parameters)
        return self

    def of_edit(self, edit: int) -> Self:
        """Return the same error as that of one edit of a list, named by `edit` and in its text."""
        named = type(self)("errors.edit_of_list", n=edit + 1, fault=self.message)
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


class StorageFullError(UnavailableError):
    """There is no room left where data is stored; nothing was changed."""

    public = Message("errors.storage_full")
