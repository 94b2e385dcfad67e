"""Reports of imports as a test reads them."""

from collections.abc import Iterable

from geo.messages import Message


def told(pairs: Iterable[tuple[Message, Message]]) -> list[tuple[str, str]]:
    """Return pairs of messages as texts, such as rows and why they were rejected."""
    return [(str(one), str(other)) for one, other in pairs]
