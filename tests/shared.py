"""Real data that is never copied into the repository: where it lies, and a mark for its tests."""

from pathlib import Path
from typing import Final

import pytest

_SHARED: Final = Path(__file__).resolve().parents[2] / "shared"

SHARED: Final[Path | None] = _SHARED if (_SHARED / "data").is_dir() else None
"""Folder with ``data``, ``standards`` and ``design``; None where it is absent."""

needs_shared = pytest.mark.skipif(
    SHARED is None, reason=f"real data is absent: there is no folder {_SHARED.name}/data beside"
)
