"""Valhalla as a peer: its own environment, its tiles from the same extract, its processes."""

import json
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

WORKER = Path(__file__).with_name("valhalla_worker.py")
PACKAGE = "pyvalhalla==3.9.1"
MINIMUM = (3, 12)


class AbsentError(Exception):
    """Why Valhalla cannot be measured here."""


def interpreters() -> list[Path]:
    """Return the Pythons that PATH and pyenv offer, those that may be new enough."""
    names = [f"python3.{minor}" for minor in range(MINIMUM[1], 20)]
    found = [Path(path) for name in names if (path := shutil.which(name))]
    if pyenv := shutil.which("pyenv"):
        root = subprocess.run([pyenv, "root"], capture_output=True, text=True, check=True)
        found += sorted(Path(root.stdout.strip()).glob("versions/3.*/bin/python3"))
    return found


def new_enough(python: Path) -> bool:
    """Say whether a Python runs (a shim of pyenv may not) and Valhalla's wheels are made for it."""
    code = f"import sys; sys.exit(sys.version_info < {MINIMUM})"
    ran = subprocess.run([python, "-c", code], capture_output=True, check=False)
    return ran.returncode == 0


class Valhalla:
    """Valhalla in a folder: environment, tiles and configuration.

    Parameters
    ----------
    folder : Path
        To write to.
    extract : Path
        OpenStreetMap file to build tiles from.

    Raises
    ------
    AbsentError
        If no interpreter is new enough, or the package cannot be installed.
    """

    def __init__(self, folder: Path, extract: Path) -> None:
        python = next((each for each in interpreters() if new_enough(each)), None)
        if python is None:
            raise AbsentError("Valhalla: no Python 3.12 or newer by pyenv or on PATH.")
        self._bin = folder / "env" / "bin"
        self._config = folder / "valhalla.json"
        self._tiles, self._extract = folder / "tiles", extract
        subprocess.run([python, "-m", "venv", folder / "env"], check=True)
        pip = [self._bin / "python", "-m", "pip", "install", "--quiet", PACKAGE]
        installed = subprocess.run(
            [*pip, "--disable-pip-version-check"], capture_output=True, text=True, check=False
        )
        if installed.returncode:
            raise AbsentError(f"Valhalla: {PACKAGE} cannot be installed here.")
        self.build_s = self.build()

    def build(self, threads: int = 1) -> float:
        """Build the tiles, in place of those there are; return the seconds."""
        shutil.rmtree(self._tiles, ignore_errors=True)
        self._tiles.mkdir()
        self._configure(threads)
        began = time.perf_counter()
        subprocess.run(
            [self._bin / "valhalla_build_tiles", "-c", self._config, self._extract],
            env={"PATH": f"{self._bin}:/usr/bin:/bin"},
            capture_output=True,
            check=True,
        )
        return time.perf_counter() - began

    def _configure(self, threads: int) -> None:
        """Write the configuration; the folder of the tiles must be there."""
        code = "import json, sys, valhalla; print(json.dumps(valhalla.get_config('', sys.argv[1])))"
        made = subprocess.run(
            [self._bin / "python", "-c", code, self._tiles],
            capture_output=True,
            text=True,
            check=True,
        )
        config: dict[str, Any] = json.loads(made.stdout)
        mjolnir = config["mjolnir"]
        mjolnir["concurrency"] = threads
        for absent in ("tile_extract", "admin", "timezone", "traffic_extract", "landmarks"):
            mjolnir.pop(absent, None)
        self._config.write_text(json.dumps(config), encoding="utf-8")

    def worker(self) -> "Worker":
        """Return a fresh process that draws isochrones."""
        return Worker([str(self._bin / "python"), str(WORKER), str(self._config)])


class Worker:
    """A process that draws isochrones when told to."""

    def __init__(self, command: list[str]) -> None:
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def ask(self, origins: list[list[float]], *, km_h: float, shapes: bool = False) -> None:
        """Tell it what to draw: 15 minutes around places given as lon, lat."""
        asked = {"origins": origins, "minutes": 15, "km_h": km_h, "shapes": shapes}
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()

    def answer(self) -> dict[str, Any]:
        """Wait for what it has drawn."""
        return json.loads(self._process.stdout.readline())

    def close(self) -> None:
        """End the process."""
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait()
