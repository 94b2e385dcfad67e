"""Settings: one table of name, default and help; the command line and the docs are made from it.

Each is read from the environment as ``LIFECIRCLE_<NAME>``; options of the command line win over it.
"""

import os
from pathlib import Path
from typing import Annotated, NamedTuple

from pydantic import Field, StringConstraints, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from geo.errors import InputError

PREFIX = "LIFECIRCLE_"
USER_CACHE = "~/.cache/lifecircle"


class Settings(BaseSettings):
    """What an operator may choose."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid")

    db: Annotated[str, StringConstraints(min_length=1)] = Field(
        default="lifecircle.gpkg",
        description="Database: path of a GeoPackage file, or "
        "postgresql+psycopg://user:password@host:port/database.",
    )
    host: str = Field(
        default="127.0.0.1", description="Address to listen on; loopback unless told otherwise."
    )
    port: int = Field(default=8000, ge=0, le=65535, description="Port to listen on.")
    root_path: str = Field(
        default="", description="Path under which a proxy serves Lifecircle, for instance /gis."
    )
    max_points_per_batch: int = Field(
        default=100_000, ge=1, description="Points accepted in one assignment request."
    )
    max_edits: int = Field(default=100, ge=1, description="Edits accepted in one scenario.")
    max_body_bytes: int = Field(
        default=16_000_000, ge=1, description="Bytes accepted in the body of one request."
    )
    snapshots: int = Field(
        default=4, ge=1, description="Districts kept ready in memory, the most recently used ones."
    )
    snapshot_bytes: int = Field(
        default=2_000_000_000,
        ge=1,
        description="Bytes they may hold; older ones go when another is read. The newest stays.",
    )
    cache: str = Field(
        default=USER_CACHE,
        description="Folder that keeps compiled walk networks (under XDG_CACHE_HOME by default); "
        "empty keeps none.",
    )
    standard: str = Field(
        default="", description="Standard to measure by: id or file; empty for the default one."
    )

    editable: bool = Field(
        default=False, description="Whether changes are taken through HTTP: edits, imports, runs."
    )
    actor: str = Field(
        default="",
        description="Who changes things from the command line; empty for the user's account.",
    )
    actor_header: str = Field(
        default="",
        description="Header in which a proxy says who changes things through HTTP, for instance "
        "X-Forwarded-User; empty trusts none.",
    )
    max_import_bytes: int = Field(
        default=200_000_000, ge=1, description="Bytes accepted as the file of one import."
    )
    jobs: int = Field(default=1, ge=1, le=64, description="Jobs that run at a time.")
    jobs_kept_days: float = Field(
        default=30, ge=0, description="Days after which jobs that are over are forgotten."
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
        Row(PREFIX + name.upper(), str(field.default), field.description or "")
        for name, field in Settings.model_fields.items()
    ]


def help_for(name: str) -> str:
    """Return the help text of the setting `name`, with its variable and default."""
    field = Settings.model_fields[name]
    return f"{field.description} [env: {PREFIX}{name.upper()}, default: {field.default}]"


def read_settings(**given: object) -> Settings:
    """Return the settings of the environment, overridden by what is `given` and not None.

    Raises
    ------
    InputError
        Naming every setting that is wrong, and why.
    """
    try:
        return Settings.model_validate(
            Settings(**{k: v for k, v in given.items() if v is not None}).model_dump()  # type: ignore[arg-type]
        )
    except ValidationError as error:
        faults = "; ".join(
            f"{PREFIX}{str(fault['loc'][0]).upper()} = {fault['input']!r}: {fault['msg']}"
            for fault in error.errors()
        )
        raise InputError(f"Wrong setting: {faults}.") from None
