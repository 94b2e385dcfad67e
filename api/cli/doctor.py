"""``lifecircle doctor``: checks of the installation on this machine."""

import os
import platform
from collections.abc import Iterator
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
from geo.messages import Message

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

    name: Message
    ok: bool
    text: str


def examine(ctx: typer.Context, *, db: DbOption = None, as_json: JsonOption = False) -> None:
    """Check the installation, the database and the page's files."""
    settings = settings_for(ctx, db=db)
    findings = list(_findings(settings))
    if as_json:
        listed = [{**each._asdict(), "name": each.name.text("en")} for each in findings]
        print_json({"ok": all(finding.ok for finding in findings), "findings": listed})
    else:
        for finding in findings:
            code = "cli_doctor.ok" if finding.ok else "cli_doctor.wrong"
            print_text(Message(code, finding._asdict()))
    if not all(finding.ok for finding in findings):
        raise typer.Exit(1)


def _findings(settings: Settings) -> Iterator[Finding]:
    yield Finding(
        Message("lifecircle"), ok=True, text=f"{code_version()}, Python {platform.python_version()}"
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
        return Finding(Message(name), ok=True, text=metadata.version(name))
    except metadata.PackageNotFoundError:
        return Finding(Message(name), ok=False, text=str(Message("cli_doctor.not_installed")))


def _room(name: str) -> Finding:
    """Look for an unrelated package of the same name: PyPI has several."""
    others = [d for d in _distributions_of(name) if d.lower() != DISTRIBUTION]
    place, wrong = intruder(name), ""
    if place:
        about = {"place": place, "home": HOME / name}
        wrong = str(Message("cli_doctor.intruder", about))
    if others:
        wrong = str(Message("cli_doctor.same_name", {"others": others}))
    title = Message("cli_doctor.package", {"name": name})
    return Finding(title, ok=not wrong, text=wrong or str(HOME / name))


def _distributions_of(package: str) -> list[str]:
    return sorted(set(metadata.packages_distributions().get(package, [])))


def _assets() -> Finding:
    from maps.assets import vendor_dir  # noqa: PLC0415 - heavy

    title = Message("cli_doctor.assets")
    missing = [name for name in _ASSETS if not (vendor_dir() / name).is_file()]
    if missing:
        about = {"names": missing, "folder": vendor_dir()}
        return Finding(title, ok=False, text=str(Message("cli_doctor.missing", about)))
    return Finding(title, ok=True, text=str(vendor_dir()))


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
    title, about = Message("cli_doctor.engine"), {"folder": folder}
    if os.access(place, os.W_OK) or engine_is_compiled():
        code = "cli_doctor.compiled" if engine_is_compiled() else "cli_doctor.to_compile"
        return Finding(title, ok=True, text=str(Message(code, about)))
    return Finding(title, ok=False, text=str(Message("cli_doctor.cannot_keep", about)))


def _database(db: str) -> Finding:
    from boundaries.admin.check import about  # noqa: PLC0415 - heavy
    from boundaries.store.open import open_store, place_of  # noqa: PLC0415 - heavy

    title = Message("cli_doctor.database")
    try:
        with closing(open_store(db)) as store:
            return Finding(title, ok=True, text=str(about(store)))
    except NotFoundError:
        text = Message("cli_doctor.no_database", {"db": place_of(db)})
        return Finding(title, ok=True, text=str(text))
    except LifecircleError as error:
        return Finding(title, ok=False, text=str(error))


def _standard(name: str) -> Finding:
    from boundaries.standards.catalogue import load_standard  # noqa: PLC0415 - heavy

    title = Message("cli_doctor.standard")
    try:
        standard = load_standard(name or None)
    except LifecircleError as error:
        return Finding(title, ok=False, text=str(error))
    known = {"id": standard.id, "version": standard.version, "n": len(standard.categories)}
    return Finding(title, ok=True, text=str(Message("cli_doctor.categories", known)))
