"""Settings: one table of name, default and help; the command line and the docs are made from it.

Each is read from the environment as ``LIFECIRCLE_<NAME>``; options of the command line win over it.
"""

import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Annotated, Any, NamedTuple

from annotated_types import Ge, Gt, Le, MinLen

from geo.errors import InputError
from geo.messages import Message

PREFIX = "LIFECIRCLE_"
USER_CACHE = "~/.cache/lifecircle"

_PositiveInt = Annotated[int, Ge(1)]
_UpTo64 = Annotated[int, Ge(1), Le(64)]
_NonNegativeInt = Annotated[int, Ge(0)]
_PositiveFloat = Annotated[float, Gt(0)]
_NonNegativeFloat = Annotated[float, Ge(0)]


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
    db_password_file: str = _setting(
        "", "File that holds the password of the database and nothing else; any text will do."
    )
    host: str = _setting("127.0.0.1", "Address to listen on; loopback by default.")
    port: Annotated[int, Ge(0), Le(65535)] = _setting(8000, "Port to listen on.")
    root_path: str = _setting("", "Path under which a proxy serves Lifecircle, for instance /gis.")
    hosts: str = _setting(
        "",
        "Names and addresses under which the service may be asked, beside loopback and the "
        "address it listens on; by commas, for instance map.example.org,*.example.net.",
    )
    head_timeout_s: _PositiveFloat = _setting(
        10, "Seconds within which the head of a request must arrive."
    )
    body_timeout_s: _PositiveFloat = _setting(
        20, "Seconds that the next part of a body, or of an answer, may take."
    )
    body_bytes_per_s: _PositiveFloat = _setting(
        1_000, "Least bytes a second of a body, beyond body_timeout_s."
    )
    connections: _PositiveInt = _setting(
        1_000, "Connections at a time, in one process; those that ask nothing are closed first."
    )
    connections_per_address: _PositiveInt = _setting(
        200, "Connections at a time of one address that is no proxy."
    )
    workers: _UpTo64 = _setting(
        1, "Processes that answer, on one address; one of them runs the jobs."
    )
    computations: _UpTo64 = _setting(
        4, "Heavy answers that are computed at a time, in one process."
    )
    computations_waiting: _NonNegativeInt = _setting(
        200, "Heavy answers that may wait for their turn; more are refused (503)."
    )
    lock_wait_s: _NonNegativeFloat = _setting(
        1.5, "Seconds that a request waits for a database file that another program locks."
    )
    last_known_s: _NonNegativeFloat = _setting(
        300, "Seconds that districts in memory answer while the database does not."
    )
    log_format: str = _setting(
        "auto", "Lines of the log: json, text (key=value), or auto: text on a terminal, else json."
    )
    max_points_per_batch: _PositiveInt = _setting(
        100_000, "Points accepted in one assignment request."
    )
    max_edits: _PositiveInt = _setting(100, "Edits accepted in one scenario.")
    max_body_bytes: _PositiveInt = _setting(
        16_000_000, "Bytes accepted in the body of one request."
    )
    snapshot_bytes: _PositiveInt = _setting(
        2_000_000_000,
        "Bytes that districts kept ready in memory may hold; the least used go when another is "
        "read. The newest stays.",
    )
    answer_bytes: _NonNegativeInt = _setting(
        256_000_000, "Bytes of answers that each process keeps, to be given again; 0 keeps none."
    )
    cache: str = _setting(
        USER_CACHE,
        "Folder that keeps compiled walk networks (under XDG_CACHE_HOME by default); "
        "empty keeps none.",
    )
    standard: str = _setting("", "Standard to measure by: id or file; empty for the default one.")
    split_names: str = _setting(
        "{name}-{n}",
        "Names of the new parts of a split grid: {name} of the grid, {n} from 2 on, {code} of the "
        "part.",
    )

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
    max_import_bytes: _PositiveInt = _setting(
        200_000_000, "Bytes accepted as the file of one import."
    )
    jobs: _UpTo64 = _setting(1, "Jobs that run at a time.")
    jobs_kept_days: _NonNegativeFloat = _setting(
        30, "Days after which jobs that are over are forgotten."
    )
    # Limits of jobs and of callers
    queue: _PositiveInt = _setting(100, "Jobs that may wait; further ones are refused.")
    job_limits: str = _setting(
        "",
        "Limits of the process of a job that differ from the defaults, for instance "
        "wall_s=600, import.memory_bytes=8e9.",
    )
    spool: str = _setting(
        "",
        "Folder of uploads and of the working files of jobs; empty for one in the cache, or among "
        "temporary files.",
    )
    spool_bytes: _PositiveInt = _setting(
        10_000_000_000, "Bytes that the spool folder may hold; further uploads are refused."
    )
    requests_per_minute: _NonNegativeInt = _setting(
        6_000, "Requests of one client in any minute, per process; 0 for any number."
    )
    changes_per_minute: _NonNegativeInt = _setting(
        600, "Requests of one client in any minute that change something; 0 for any number."
    )
    forwarded_allow_ips: str = _setting(
        "127.0.0.1,::1",
        "Addresses and networks of proxies whose X-Forwarded-* is believed, by commas; empty for "
        "none.",
    )

    # who may use the service
    open: str = _setting(
        "", "`read`: everybody may read without an account, small counts protected; none changes."
    )
    session_hours: Annotated[float, Gt(0), Le(720)] = _setting(
        12, "Hours after which a session ends."
    )
    oidc_issuer: str = _setting(
        "", "Address of an OpenID Connect issuer by which people sign in; empty for none."
    )
    oidc_client_id: str = _setting("", "Name of this service at the issuer.")
    oidc_client_secret: str = _setting("", "Its secret there; empty for a public client.")
    oidc_audience: str = _setting(
        "", "Audience of the issuer's access tokens that programs send; empty takes none."
    )
    oidc_name_claim: str = _setting("preferred_username", "Claim that says who somebody is.")
    oidc_roles_claim: str = _setting(
        "roles", "Claim that says which groups somebody is in; dots go into nested claims."
    )
    oidc_roles: str = _setting(
        "", "Roles by value of that claim: gis=admin, street-1=planner:371602."
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

    @property
    def spool_folder(self) -> Path:
        """Where uploads and the working files of jobs lie."""
        if self.spool:
            return Path(self.spool).expanduser().absolute()
        base = self.cache_folder or Path(tempfile.gettempdir()) / f"lifecircle-{os.geteuid()}"
        return base.absolute() / "spool"


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

    The password of `db_password_file` is handed on as ``PGPASSWORD``, where the driver and the
    processes of jobs find it: so it may be any text, and is part of no address.

    Raises
    ------
    InputError
        Naming every setting that is wrong, and why.
    """
    settings = _read(given)
    if settings.db_password_file:
        try:
            text = Path(settings.db_password_file).read_text("utf-8")
        except (OSError, ValueError) as error:
            name, path = f"{PREFIX}DB_PASSWORD_FILE", settings.db_password_file
            raise InputError("service.password_file", name=name, path=path, error=error) from None
        os.environ["PGPASSWORD"] = text.rstrip("\r\n")
    return settings


def _read(given: Mapping[str, object]) -> Settings:
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
        raise InputError(
            "errors.faults", faults=[_wrong_setting(fault) for fault in error.errors()]
        ) from None


def _wrong_setting(fault: Mapping[str, Any]) -> Message:
    from api.validation import wanted_of  # noqa: PLC0415 - of what pydantic found

    variable = f"{PREFIX}{str(fault['loc'][0]).upper()}"
    got = {"variable": variable, "got": fault["input"], "wanted": wanted_of(fault)}
    return Message("service.wrong_setting", got)
