"""Import report: rows read, accepted, repaired with a note, rejected with a reason."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from geo.messages import Message


class Understanding(NamedTuple):
    """How one aspect of a file was understood.

    Attributes
    ----------
    aspect : str
        ``encoding``, ``head``, ``place``, ``frame`` or ``rows``.
    how : Message
    sure : str
        ``declared`` (the file or the user says it), ``certain`` (nothing else fits), ``likely``, or
        ``unchecked`` (there was nothing to compare with).
    """

    aspect: str
    how: Message
    sure: str


@dataclass(slots=True)
class LayerReport:
    """The account of one layer.

    Attributes
    ----------
    read, accepted : int
        Rows seen and rows kept.
    repaired : dict of Message to int
        What was done to how many of the accepted rows.
    rejected : list of tuple of (Message, Message)
        Row (number, id or name) and reason, one for every row that was not kept.
    notes : dict of Message to int
        Other things worth counting, for instance ``households estimated``.
    named : dict of Message to Message
        Repairs that a reader may want to look up one by one: row and place, and what was done.
    understood : list of Understanding
        How the file was read where it could be read in several ways.
    left_out : int
        Rows that are no data, such as totals.
    losses : list of Message
        What the file has lost before it came here, such as digits of codes; not stored.
    columns : list of str
        Columns of ours that the file brings; `geometry` if it has places. Not stored.
    columns_told : dict of str to str
        Columns of ours, and what the user said that the file calls them.
    """

    read: int = 0
    accepted: int = 0
    repaired: dict[Message, int] = field(default_factory=dict)
    rejected: list[tuple[Message, Message]] = field(default_factory=list)
    notes: dict[Message, int] = field(default_factory=dict)
    named: dict[Message, Message] = field(default_factory=dict)
    understood: list[Understanding] = field(default_factory=list)
    left_out: int = 0
    losses: list[Message] = field(default_factory=list, compare=False)
    columns: list[str] = field(default_factory=list, compare=False)
    columns_told: dict[str, str] = field(default_factory=dict)

    def understand(self, aspect: str, how: Message, sure: str = "certain") -> None:
        """Keep how an aspect of the file was understood, unless that is known already."""
        found = Understanding(aspect, how, sure)
        if found not in self.understood:
            self.understood.append(found)

    def repair(self, how: Message, n: int = 1) -> None:
        """Count `n` rows repaired in the way `how`."""
        if n:
            self.repaired[how] = self.repaired.get(how, 0) + n

    def note(self, what: Message, n: int = 1) -> None:
        """Count `n` occurrences of `what`."""
        if n:
            self.notes[what] = self.notes.get(what, 0) + n

    def name(self, place: Message, done: Message) -> None:
        """Name what was done to a row or at a place, beside what is named of it already."""
        known = self.named.get(place)
        if known is None:
            self.named[place] = done
        elif done != known and done not in known.parameters.values():
            both = {"first": known, "second": done}
            self.named[place] = Message("reading.and_also", both)

    def reject(self, row: Message | str, reason: Message) -> None:
        """Name one row that was not kept, by a message or by its id."""
        self.rejected.append((row if isinstance(row, Message) else Message(row), reason))

    def told(self) -> dict[str, Any]:
        """Return the account as JSON, in the language spoken at present."""
        return {
            "read": self.read,
            "accepted": self.accepted,
            "repaired": told_counts(self.repaired),
            "rejected": [{"row": str(row), "reason": str(why)} for row, why in self.rejected],
            "notes": told_counts(self.notes),
            "named": {str(place): str(done) for place, done in self.named.items()},
            "understood": [
                {"aspect": each.aspect, "how": str(each.how), "sure": each.sure}
                for each in self.understood
            ],
        }

    def as_json(self) -> dict[str, Any]:
        """Return what :meth:`from_json` makes the same account of."""
        return {
            "read": self.read,
            "accepted": self.accepted,
            "repaired": [[how.as_json(), n] for how, n in self.repaired.items()],
            "rejected": [[row.as_json(), why.as_json()] for row, why in self.rejected],
            "notes": [[what.as_json(), n] for what, n in self.notes.items()],
            "named": [[place.as_json(), done.as_json()] for place, done in self.named.items()],
            "understood": [[aspect, how.as_json(), sure] for aspect, how, sure in self.understood],
            "left_out": self.left_out,
            "columns_told": self.columns_told,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "LayerReport":
        """Return the account that was stored; older ones hold texts in place of messages."""
        read = _message
        return cls(
            stored["read"],
            stored["accepted"],
            {read(how): n for how, n in _pairs(stored["repaired"])},
            [(read(row), read(why)) for row, why in stored["rejected"]],
            {read(what): n for what, n in _pairs(stored["notes"])},
            {read(place): read(done) for place, done in _pairs(stored.get("named", {}))},
            [Understanding(a, read(how), sure) for a, how, sure in stored.get("understood", [])],
            stored.get("left_out", 0),
            columns_told=stored.get("columns_told", {}),
        )


def _message(stored: str | Mapping[str, Any]) -> Message:
    """Return a message that was stored; one of a later program is told by its code."""
    try:
        return Message.from_json(stored)
    except LookupError as code:
        return Message(str(code.args[0]))


@dataclass(slots=True)
class ImportReport:
    """The account of one import: its source and one :class:`LayerReport` per layer."""

    source: str
    layers: dict[str, LayerReport] = field(default_factory=dict)

    def layer(self, name: str) -> LayerReport:
        """Return the account of layer `name`, made on first use."""
        return self.layers.setdefault(name, LayerReport())

    def told(self) -> dict[str, Any]:
        """Return the report as JSON, in the language spoken at present."""
        return {
            "source": self.source,
            "layers": {name: layer.told() for name, layer in self.layers.items()},
        }

    def as_json(self) -> dict[str, Any]:
        """Return what :meth:`from_json` makes the same report of, in any language.

        Examples
        --------
        >>> report = ImportReport("grids.geojson")
        >>> report.layer("grids").reject("row 3", Message("reading.no_geometry"))
        >>> ImportReport.from_json(report.as_json()) == report
        True
        """
        return {
            "source": self.source,
            "layers": {name: layer.as_json() for name, layer in self.layers.items()},
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "ImportReport":
        """Return the report that was stored."""
        layers = {name: LayerReport.from_json(layer) for name, layer in stored["layers"].items()}
        return cls(stored["source"], layers)


def told_counts(counts: Mapping[Message, int]) -> dict[str, int]:
    """Return counted messages by their text, in the language spoken at present."""
    told: dict[str, int] = {}
    for message, n in counts.items():
        told[str(message)] = told.get(str(message), 0) + n
    return told


def _pairs(stored: Mapping[str, Any] | list[list[Any]]) -> list[Any]:
    """Return pairs that are stored as a list; older reports have objects."""
    return list(stored.items()) if isinstance(stored, Mapping) else stored
