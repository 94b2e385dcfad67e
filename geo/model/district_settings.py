"""What a district sets for itself, by subject."""

import json
from typing import Any

from geo.errors import InputError


def parsed_settings(text: str) -> dict[str, dict[str, Any]]:
    """Return the settings of a district by subject.

    Raises
    ------
    InputError
        If another program left there what is no object of objects.

    Examples
    --------
    >>> parsed_settings('{"grids": {"band": [20, 40]}}')
    {'grids': {'band': [20, 40]}}
    """
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict) or not all(isinstance(each, dict) for each in found.values()):
        raise InputError("model.settings_broken", got=text[:80])
    return found
