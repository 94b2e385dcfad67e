"""Settings: one table of name, default and help; the command line and the docs are made from it.

Each is read from the environment as ``LIFECIRCLE_<NAME>``; options of the command line win over it.
"""

import os
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Annotated, Any, NamedTuple

from annotated_types import Ge, Le, MinLen

from geo.errors import InputError

PREFIX = "LIFECIRCLE_"
USER_CACHE = "~/.cache/lifecircle"


def _setting(default: Any, text: str) -> Any:  # noqa: ANN401 - of any type, as `field`
    return field(default=default, metadata={"help": text})


@dataclass(frozen=True, slots=True)
class Settings:
    """What an operator may choose."""

    db: Annotated[str, MinLen(1)] = _setting(
        "lifecircle.gpkg",
        "Database: path of a GeoPackage file, or "
        "postgresql+psycopg://user:password@host:port/database.",
    )
    host: str = _setting("127.0.0.1", "Address to listen on; loopback unless told otherwise.")
    port: Annotated[int, Ge(0), Le(65535)] = _setting(8000, "Port to listen on.")
    root_path: str = _setting("", "Path under which a proxy serves Lifecircle, for instance /gis.")
    max_points_per_batch: Annotated[int, Ge(1)] = _setting(
        100_000, "Points accepted in one assignment request."
    )
    max_edits: Annotated[int, Ge(1)] = _setting(100, "Edits accepted in one scenario.")
    max_body_bytes: Annotated[int, Ge(1)] = _setting(
        16_000_000, "Bytes accepted in the body of one request."
    )
    snapshots: Annotated[int, Ge(1)] = _setting(
        4, "Districts kept ready in memory, the most recently used ones."
    )
    snapshot_bytes: Annotated[int, Ge(1)] = _setting(
        2_000_000_000, "Bytes they may hold; older ones go when another is read. The newest stays."
    )
    cache: str = _setting(
        USER_CACHE,
        "Folder that keeps compiled walk networks (under XDG_CACHE_HOME by default); "
        "empty keeps none.",
    )
    standard: str = _setting("", "Standard to measure by: id or file; empty for the default one.")

    editable: bool = _setting(
        default=False, text="Whether changes are taken through HTTP: edits, imports, runs."
    )
    actor: str = _setting(
        "", "Who changes things from the command line; empty for the user's account."
    )
    actor_header: str = _setting(
        "",
        "Header in which a proxy says who changes things through HTTP, for instance "
        "X-Forwarded-User; empty trusts none.",
    )
    max_import_bytes: Annotated[int, Ge(1)] = _setting(
        200_000_000, "Bytes accepted as the file of one import."
    )
    jobs: Annotated[int, Ge(1), Le(64)] = _setting(1, "Jobs that run at a time.")
    jobs_kept_days: Annotated[float, Ge(0)] = _setting(
        30, "Days after which jobs that are over are forgotten."
    )

    @property
    def cache_folder(self) -> Path | None:
        """Where compiled walk networks are kept; None where they are not."""
        if not self.cache:
            return None
        base = Path(os.environ.get("XDG_CACHE_HOME", ""))
        if self.cache == USER_CACHE and base.is_absolute():  # relative ones are to be ignored
            return base / "lifecircle"
        try:
            return Path(self.cache).expanduser()
        except RuntimeError:  # a user without a home
            return None


class Row(NamedTuple):
    """One line of the table of settings."""

    variable: str
    default: str
    help: str


def settings_table() -> list[Row]:
    """Return one row per setting, in order."""
    return [
        Row(PREFIX + each.name.upper(), str(each.default), each.metadata["help"])
        for each in fields(Settings)
    ]


def help_for(name: str) -> str:
    """Return the help text of the setting `name`, with its variable and default."""
    row = next(row for row in settings_table() if row.variable == PREFIX + name.upper())
    return f"{row.help} [env: {row.variable}, default: {row.default}]"


def read_settings(**given: object) -> Settings:
    """Return the settings of the environment, overridden by the values `given` that are not None.

    Raises
    ------
    InputError
        Naming every setting that is wrong, and why.
    """
    environment = {variable.upper(): text for variable, text in os.environ.items()}
    chosen: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    for row, each in zip(settings_table(), fields(Settings), strict=True):
        if row.variable in environment:
            chosen.setdefault(each.name, environment[row.variable])
    texts = {each.name for each in fields(Settings) if isinstance(each.default, str)}
    if chosen.keys() <= texts and chosen.get("db") != "":
        return Settings(**chosen)  # nothing to parse: most commands do without pydantic
    from pydantic import TypeAdapter, ValidationError  # noqa: PLC0415 - heavy

    try:
        return TypeAdapter(Settings).validate_python(chosen)
    except ValidationError as error:
        faults = "; ".join(
            f"{PREFIX}{str(fault['loc'][0]).upper()} = {fault['input']!r}: {fault['msg']}"
            for fault in error.errors()
        )
        raise InputError(f"Wrong setting: {faults}.") from None
