"""Import report: rows read, accepted, repaired with a note, rejected with a reason."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class LayerReport:
    """The account of one layer.

    Attributes
    ----------
    read, accepted : int
        Rows seen and rows kept.
    repaired : dict of str to int
        What was done to how many of the accepted rows.
    rejected : list of tuple of (str, str)
        Row (number, id or name) and reason, one for every row that was not kept.
    notes : dict of str to int
        Other things worth counting, for instance ``households estimated``.
    named : dict of str to str
        Repairs that a reader may want to look up one by one: row and place, and what was done.
    """

    read: int = 0
    accepted: int = 0
    repaired: dict[str, int] = field(default_factory=dict)
    rejected: list[tuple[str, str]] = field(default_factory=list)
    notes: dict[str, int] = field(default_factory=dict)
    named: dict[str, str] = field(default_factory=dict)

    def repair(self, how: str, n: int = 1) -> None:
        """Count `n` rows repaired in the way `how`."""
        if n:
            self.repaired[how] = self.repaired.get(how, 0) + n

    def note(self, what: str, n: int = 1) -> None:
        """Count `n` occurrences of `what`."""
        if n:
            self.notes[what] = self.notes.get(what, 0) + n

    def reject(self, row: str, reason: str) -> None:
        """Name one row that was not kept."""
        self.rejected.append((row, reason))


@dataclass(slots=True)
class ImportReport:
    """The account of one import: its source and one :class:`LayerReport` per layer."""

    source: str
    layers: dict[str, LayerReport] = field(default_factory=dict)

    def layer(self, name: str) -> LayerReport:
        """Return the account of layer `name`, made on first use."""
        return self.layers.setdefault(name, LayerReport())
