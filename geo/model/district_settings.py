"""What a district sets for itself, by subject."""

import json
from typing import Any


def parsed_settings(text: str) -> dict[str, dict[str, Any]]:
    """Return the settings of a district by subject; what another program broke counts as none.

    Examples
    --------
    >>> parsed_settings('{"grids": {"band": [20, 40]}, "other": 1}'), parsed_settings("{")
    ({'grids': {'band': [20, 40]}}, {})
    """
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    if not isinstance(found, dict):
        return {}
    return {subject: values for subject, values in found.items() if isinstance(values, dict)}
