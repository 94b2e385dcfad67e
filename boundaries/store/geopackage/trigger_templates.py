"""Statements of triggers from their templates."""

from collections.abc import Iterator, Mapping


def create_triggers(
    templates: Mapping[str, str], words: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    """Yield name and statement of each trigger.

    Parameters
    ----------
    templates : dict
        Name of a trigger -> what follows the name in its statement; both with words in braces.
    words : dict
        Word -> what stands for it; other braces stay as they are.
    """
    for name, body in templates.items():
        full, text = name, body
        for word, value in words.items():
            full = full.replace(f"{{{word}}}", value)
            text = text.replace(f"{{{word}}}", value)
        yield full, f'CREATE TRIGGER "{full}" {text}'
