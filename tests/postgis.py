"""PostgreSQL servers of the tests' own: private folder, socket only, gone after the run."""

import fcntl
import getpass
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Final

import psycopg

from tests.guardian import alive, run_folder, unmarked

_BINARIES: Final = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: int(p.parts[-2]))
_ACCOUNT: Final = "postgres"
_TEMPLATE: Final = "lifecircle_template"
_numbers = count()


@dataclass(frozen=True, slots=True)
class Cluster:
    """A running server.

    Attributes
    ----------
    folder : Path
        Holds the data and the socket.
    account : str
        Operating system account that runs it; also the name of the superuser.
    """

    folder: Path
    account: str

    def url(self, database: str) -> str:
        """Return the address of a database for SQLAlchemy."""
        return f"postgresql+psycopg://{self.account}@/{database}?host={self.folder}"

    def connect(self, database: str = "postgres") -> psycopg.Connection:
        """Return a connection that commits every statement."""
        where = {"host": str(self.folder), "user": self.account, "dbname": database}
        return psycopg.connect(**where, autocommit=True)

    def new_database(self) -> str:
        """Make a database with PostGIS and return its address."""
        name = f"test_{os.getpid()}_{next(_numbers)}"
        with self.connect() as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {_TEMPLATE}")
        return self.url(name)

    def drop(self, url: str) -> None:
        """Remove a database, whoever is connected to it."""
        name = url.split("/")[3].split("?", maxsplit=1)[0]
        with self.connect() as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")

    def run(self, program: str, *arguments: str) -> None:
        """Run a program of PostgreSQL as the server's account."""
        command = [str(_BINARIES[-1] / program), *arguments]
        if self.account != getpass.getuser():
            command = ["runuser", "-u", self.account, "--", *command]
        subprocess.run(command, check=True, capture_output=True, cwd=self.folder, env=unmarked())

    def start(self) -> None:
        """Start the server; after a crash it recovers first."""
        options = f"-c listen_addresses= -c unix_socket_directories={self.folder}"
        options += " -c max_connections=200 -c fsync=off -c full_page_writes=off -c jit=off"
        data, log = str(self.folder / "data"), str(self.folder / "log")
        self.run("pg_ctl", "start", "-w", "-s", "-D", data, "-l", log, "-o", options)

    def kill(self) -> None:
        """Kill every process of the server, as a power cut would."""
        first = (self.folder / "data" / "postmaster.pid").read_text().split()[0]
        children = Path(f"/proc/{first}/task/{first}/children").read_text().split()
        for pid in (first, *children):
            with suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGKILL)
        while any(map(alive, (first, *children))):
            time.sleep(0.01)
        # Where nobody waits for dead processes their numbers seem alive to the next server.
        for lock in (self.folder / "data" / "postmaster.pid", *self.folder.glob(".s.PGSQL.*")):
            lock.unlink(missing_ok=True)

    def stop(self) -> None:
        """Stop the server at once."""
        self.run("pg_ctl", "stop", "-s", "-m", "immediate", "-D", str(self.folder / "data"))


@contextmanager
def cluster() -> Iterator[Cluster]:
    """Run a server that a test may kill, for as long as the context lasts."""
    server = _made(Path(tempfile.mkdtemp(prefix="pg-", dir=run_folder())))
    try:
        yield server
    finally:
        if (server.folder / "data" / "postmaster.pid").exists():
            server.stop()
        shutil.rmtree(server.folder, ignore_errors=True)


def shared_cluster() -> Cluster:
    """Return the run's server, which the first process that asks starts and the guardian stops."""
    place = run_folder() / "shared"
    with (run_folder() / "shared.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if place.exists():
            return Cluster(place.resolve(), _account())
        server = _made(Path(tempfile.mkdtemp(prefix="pg-", dir=run_folder())))
        place.symlink_to(server.folder)
    return server


def copy_database(url: str, name: str, make: Callable[[str], object]) -> bool:
    """Replace an empty database of the run's server by a copy of one that was made before.

    Parameters
    ----------
    url : str
        As of :meth:`Cluster.new_database`.
    name : str
        Of what `make` makes; the first who asks has it made, for all processes of the run.
    make : callable
        Given the address of an empty database.

    Returns
    -------
    bool
        False where the database is on a server of a test's own, or not its superuser's to replace.
    """
    place = run_folder() / "shared"
    server = Cluster(place.resolve(), _account())
    database = url.split("/")[3].split("?", maxsplit=1)[0]
    if not place.exists() or url != server.url(database):
        return False
    template = f"lifecircle_{name}"
    with (run_folder() / f"{name}.lock").open("w") as lock, server.connect() as connection:
        fcntl.flock(lock, fcntl.LOCK_EX)
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (template,))
        if known.fetchone() is None:
            connection.execute(f"CREATE DATABASE {name}_begun TEMPLATE {_TEMPLATE}")
            make(server.url(f"{name}_begun"))
            connection.execute(f"ALTER DATABASE {name}_begun RENAME TO {template}")
            connection.execute("CHECKPOINT")
        connection.execute(f"DROP DATABASE {database}")
        connection.execute(f"CREATE DATABASE {database} TEMPLATE {template}")
    return True


def _account() -> str:
    """Return who runs servers: PostgreSQL refuses root, so then the account its package made."""
    return _ACCOUNT if os.geteuid() == 0 else getpass.getuser()


def _made(folder: Path) -> Cluster:
    """Start a new server in an empty folder."""
    if not _BINARIES:
        raise RuntimeError("PostgreSQL is not installed; `make test` installs it")
    server = Cluster(folder, _account())
    own = pwd.getpwnam(server.account)
    os.chown(folder, own.pw_uid, own.pw_gid)
    data = str(folder / "data")
    server.run("initdb", "-D", data, "-E", "UTF8", "--locale=C", "--auth=trust", "-N")
    server.start()
    with server.connect() as connection:
        connection.execute(f"CREATE DATABASE {_TEMPLATE}")
    with server.connect(_TEMPLATE) as connection:
        connection.execute("CREATE EXTENSION postgis")
    return server
