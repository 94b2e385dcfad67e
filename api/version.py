"""Code version: the version that every result names."""

import tomllib
from functools import cache
from importlib import metadata
from pathlib import Path

DISTRIBUTION = "lifecircle"


@cache
def code_version() -> str:
    """Return the version of the installed distribution, or of the checkout that is run in place."""
    try:
        return metadata.version(DISTRIBUTION)
    except metadata.PackageNotFoundError:
        project = Path(__file__).parent.parent / "pyproject.toml"
        if not project.is_file():
            return "unknown"
        return str(tomllib.loads(project.read_text("utf-8"))["project"]["version"])
