"""The list of commands, and what a command imports."""

import inspect
import subprocess
import sys

import pytest
import typer.main
from typer.testing import CliRunner

from api.cli.main import COMMANDS, app
from tests.waiting import PATIENCE_S

HEAVY = ("numpy", "pandas", "geopandas", "numba", "sqlalchemy", "pydantic", "fastapi", "folium")

STRANGERS = (
    "fastapi", "starlette", "uvicorn", "folium", "branca", "jinja2", "psycopg", "geoalchemy2",
    "alembic", "osmium", "pyogrio", "api.http", "geo.partition.pipeline",
)  # fmt: skip


def command_named(words: str):
    """Return the command of these words, imported."""
    command, rest = typer.main.get_command(app), words.split()
    while rest:
        _, command, rest = command.resolve_command(typer.Context(command), rest)
    return command


def test_the_list_has_the_first_sentence_of_every_command():
    lists = {
        group: CliRunner().invoke(app, [*group.split(), "--help"], terminal_width=200).stdout
        for group in ("", "load", "grids", "db", "user", "key")
    }
    for words in COMMANDS:
        group, _, name = words.rpartition(" ")
        line = next(row for row in lists[group].splitlines() if row.startswith(f"  {name} "))
        first = inspect.cleandoc(command_named(words).help).split(".\n")[0]
        shown = line.removeprefix(f"  {name}").strip().removesuffix("...")
        assert shown, words
        assert " ".join(first.split()).startswith(shown.removesuffix(".")), words


def test_no_help_imports_anything_heavy():
    code = """
import sys
from tests.api.cli.test_main import COMMANDS, HEAVY, app, command_named
from typer.testing import CliRunner
CliRunner().invoke(app, ["--help"])
for words in COMMANDS:
    command_named(words)
    print(words, [name for name in HEAVY if name in sys.modules])
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=PATIENCE_S
    )
    assert done.stdout.splitlines() == [f"{words} []" for words in COMMANDS]


@pytest.mark.parametrize("words", ["walk 371602 118.0,37.38 118.001,37.38", "coverage 371602"])
def test_a_command_imports_its_own_room_only(words, tiny_db):
    code = f"""
import sys
sys.argv[1:] = ["--db", {str(tiny_db)!r}, *{words!r}.split()]
from api.cli.main import main
try:
    main()
finally:
    print("strangers:", [name for name in {STRANGERS!r} if name in sys.modules])
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=300
    )
    assert done.stdout.splitlines()[-1] == "strangers: []"
