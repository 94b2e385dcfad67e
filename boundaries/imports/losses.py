"""A load that would lose much stores nothing unless that is accepted."""

from typing import Final

from boundaries.import_report import LayerReport
from geo.errors import ConflictError
from geo.messages import Message

MOST_REJECTED_SHARE: Final = 0.05
"""Of the rows that were read; more are a fault of the file or of how it was read, not of rows."""

FEWEST_KEPT_SHARE: Final = 0.5
"""Of the rows of a layer that a file replaces."""

_FEWEST_REJECTED: Final = 2  # a single row is named, whatever its share
_OF_OTHERS: Final = ("reading.unknown_category", "reading.unknown_category_or_kind")
"""Rows of kinds that no category counts are no loss: an export of a map has roads and offices."""

_FEWEST_REPLACED: Final = 10  # rows of a layer; a smaller one is a trial


def check_losses(
    account: LayerReport, *, source: str, before: int, after: int, accepted: bool
) -> None:
    """Report what a load would lose, and stop it unless that is accepted.

    Parameters
    ----------
    account : LayerReport
        Of the rows of the file; gets a note for each loss that is accepted.
    source : str
        Name of the file.
    before, after : int
        Rows of the layer as it is and as it would be.
    accepted : bool

    Raises
    ------
    ConflictError
        If codes have lost digits, more than 5 % of the rows are rejected, or the layer would have
        less than half its rows.
    """
    losses = list(account.losses)
    counted = [each for each in account.rejected if each[1].code not in _OF_OTHERS]
    rejected, data = len(counted), account.read - account.left_out
    if rejected >= _FEWEST_REJECTED and rejected > MOST_REJECTED_SHARE * data:
        row, reason = counted[0]
        said = {"n": rejected, "of": data, "row": row, "reason": reason}
        losses.append(Message("imports.many_rejected", said))
    if before >= _FEWEST_REPLACED and after < FEWEST_KEPT_SHARE * before:
        losses.append(Message("imports.layer_halved", {"before": before, "after": after}))
    if losses and not accepted:
        raise ConflictError("imports.would_lose", source=source, losses=losses)
    for loss in losses:
        account.note(loss)
