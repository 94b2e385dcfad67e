"""``lifecircle doctor``: checks of the installation on this machine."""

import os
import platform
from collections.abc import Callable, Iterator
from contextlib import closing
from importlib import metadata
from pathlib import Path
from typing import Final, NamedTuple

import typer

from api.console.options import DbOption, JsonOption, settings_for
from api.console.output import print_json, print_text
from api.settings import Settings
from api.shadowed_packages import HOME, ROOMS, intruder
from api.version import DISTRIBUTION, code_version
from geo.errors import LifecircleError, NotFoundError

_LIBRARIES: Final = (
    "numpy", "pandas", "geopandas", "shapely", "pyproj", "numba", "osmium", "sqlalchemy", "fastapi",
)  # fmt: skip
_ASSETS: Final = (
    "maplibre-gl/maplibre-gl.mjs",
    "leaflet/leaflet.js",
    "swagger-ui-dist/swagger-ui-bundle.js",
)


class Finding(NamedTuple):
    """The result of one check."""

    name: str
    ok: bool
    text: str


def examine(ctx: typer.Context, *, db: DbOption = None, as_json: JsonOption = False) -> None:
    """Check the installation, the database and the page's files; exit code 1 if one is wrong."""
    settings = settings_for(ctx, db=db)
    findings = list(_findings(settings))
    if as_json:
        listed = [finding._asdict() for finding in findings]
        print_json({"ok": all(finding.ok for finding in findings), "findings": listed})
    else:
        for finding in findings:
            print_text(f"{'ok   ' if finding.ok else 'WRONG'} {finding.name}: {finding.text}")
    if not all(finding.ok for finding in findings):
        raise typer.Exit(1)


def _findings(settings: Settings) -> Iterator[Finding]:
    yield Finding(
        "lifecircle", ok=True, text=f"{code_version()}, Python {platform.python_version()}"
    )
    for library in _LIBRARIES:
        yield _library(library)
    for room in ROOMS:
        yield _room(room)
    yield _assets()
    yield _compiled_code()
    yield _database(settings.db)
    yield _standard(settings.standard)


def _library(name: str) -> Finding:
    try:
        return Finding(name, ok=True, text=metadata.version(name))
    except metadata.PackageNotFoundError:
        return Finding(name, ok=False, text="not installed; install Lifecircle again")


def _room(name: str) -> Finding:
    """Look for an unrelated package of the same name: PyPI has several."""
    others = [d for d in _distributions_of(name) if d.lower() != DISTRIBUTION]
    wrong = intruder(name)
    if others:
        wrong = f"{', '.join(others)} installs a package of the same name; uninstall it"
    return Finding(f"package {name}", ok=not wrong, text=wrong or str(HOME / name))


def _distributions_of(package: str) -> list[str]:
    return sorted(set(metadata.packages_distributions().get(package, [])))


def _assets() -> Finding:
    from maps.assets import vendor_dir  # noqa: PLC0415 - heavy

    missing = [name for name in _ASSETS if not (vendor_dir() / name).is_file()]
    if missing:
        text = f"missing {', '.join(missing)} in {vendor_dir()}; run `npm ci && npm run assets`"
        return Finding("page assets", ok=False, text=text)
    return Finding("page assets", ok=True, text=str(vendor_dir()))


def engine_cache() -> Path:
    """Return the folder where numba keeps the compiled engine."""
    import geo  # noqa: PLC0415 - only its place is wanted

    given = os.environ.get("NUMBA_CACHE_DIR")
    return Path(given) if given else Path(str(geo.__file__)).parent / "__pycache__"


def engine_is_compiled() -> bool:
    """Return whether an earlier run has left the compiled engine behind."""
    return any(engine_cache().rglob("*.nbi")) if engine_cache().is_dir() else False


def _compiled_code() -> Finding:
    folder = engine_cache()
    place = folder if folder.is_dir() else folder.parent
    if os.access(place, os.W_OK) or engine_is_compiled():
        state = "compiled" if engine_is_compiled() else "will be compiled on first use"
        return Finding("engine", ok=True, text=f"{state}, kept in {folder}")
    return Finding(
        "engine",
        ok=False,
        text=f"cannot write {folder}: it would be compiled anew each time; set NUMBA_CACHE_DIR",
    )


def _database(db: str) -> Finding:
    from boundaries.admin.check import about  # noqa: PLC0415 - heavy
    from boundaries.store.open import open_store, place_of  # noqa: PLC0415 - heavy

    try:
        with closing(open_store(db)) as store:
            return Finding("database", ok=True, text=about(store))
    except NotFoundError:
        return Finding(
            "database", ok=True, text=f"{place_of(db)} is not there yet; `lifecircle demo` makes it"
        )
    except LifecircleError as error:
        return Finding("database", ok=False, text=str(error))


def _standard(name: str) -> Finding:
    from boundaries.standards.catalogue import load_standard  # noqa: PLC0415 - heavy

    def look() -> str:
        standard = load_standard(name or None)
        return f"{standard.id} {standard.version}, {len(standard.categories)} categories"

    return _try("standard", look)


def _try(name: str, look: Callable[[], str]) -> Finding:
    try:
        return Finding(name, ok=True, text=look())
    except LifecircleError as error:
        return Finding(name, ok=False, text=str(error))
