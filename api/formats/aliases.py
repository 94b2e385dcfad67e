"""Type aliases of answers; light, so that commands may import them at their top."""

from typing import Any

Json = dict[str, Any]
"""A JSON object, or one row of a table."""
