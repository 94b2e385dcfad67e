"""What commands print: in a Chinese call no English sentence, in an English one no Chinese."""

import json
import re
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from api.assignments.answers import REASONS, STATUSES
from api.cli.main import COMMANDS, app
from api.console import terms
from boundaries.standards.catalogue import TABLES
from boundaries.store.tables.record_tables import EditionState, JobState
from geo.accessibility.decay import DECAYS
from geo.accessibility.floating_catchment import Group, Method
from geo.grids.checks.faults import Rule
from geo.grids.succession import SuccessionKind
from geo.model.vocabulary import Level, Origin
from geo.network.snap import REASONS as UNLINKED
from geo.partition.atoms.enclosures import Reason
from tests.scenes import NORTH_WEST, SOUTH_WEST

CODE = "371602"
ENGLISH = re.compile(r"\b[A-Za-z]{2,} [a-z]{2,} [a-z]{2,}\b")
CHINESE = re.compile(r"[\u4e00-\u9fff]")
FIGURES = [
    "coverage {code}",
    "coverage {code} --by small --own-points --at 周二22:00",
    "coverage {code} --by building --as-of 1",
    "coverage {code} --tier standard",
    "gaps {code} --minutes 4",
    "assign {code} {points}",
    "nearest {code} --category catering",
    "access {code} --category elderly",
    "access {code} --category elderly --by building",
    "access {code} --category elderly --by small",
    "equity {code} --by small",
    "equity {code} --measure access --category elderly",
    "scenario {code} {edits} --minutes 4",
    "explain {code} b4 medical --minutes 4",
    "link {code} --building b4",
    "walk {code} 118.0005,37.3818 118.0034,37.3818",
    "isochrone {code} 118.0023,37.3818 --direction to",
    "network {code}",
    "map {code} --out {folder}/map.html",
    "sheets {code} --out {folder}/cards.html",
    "gaps {code} --as-of 1",
    "week {code}",
    "dependents {code}",
    "examine {code}",
    "lifts {code}",
    "profiles {code}",
    "grids settings {code}",
    "coverage {code} --floors --crossings",
]
SEQUENCES = {
    "plan": [
        "grids complete {code}",
        "grids check {code}",
        "grids repair {code}",
        "grids merge {code} {nw} {sw} --save",
        "lineage {code}",
        "partition {code}",
    ],
    "imports": [
        "load points {points} --district {code} --dry-run",
        "load points {points} --district {code}",
        "imports {code}",
        "log {code}",
        "undo {code}",
        "districts",
    ],
    "kept": [
        "coverage {code} --keep",
        "runs {code}",
        "jobs",
        "editions {code} save 一版 --dated 2026-01-01",
        "editions {code}",
    ],
    "database": [
        "db check",
        "db upgrade",
        "db copy {db} {folder}/copy.gpkg",
        "backup {folder}/backup.gpkg",
        "restore {folder}/backup.gpkg --db {folder}/restored.gpkg",
    ],
    "accounts": [
        "user add clerk --role planner:371602 --password-stdin",
        "user list",
        "user roles clerk --role viewer",
        "user password clerk --password-stdin",
        "user revoke clerk",
        "key add program --role viewer",
        "key list",
        "key rotate program",
        "key revoke program",
    ],
    "installation": ["settings", "doctor"],
    "local systems": ["control-points {code}"],
}
"""Calls that build on each other."""

FAULTS = [
    "coverage 999999",
    "coverage {code} --minutes 500",
    "coverage {code} --out {folder}/none/rows.csv",
    "coverage {code} --out {folder}/rows.xls",
    "coverage {code} --keep --as-of 2026-01-01",
    "coverage {code} --profile horse",
    "coverage {code} --as-of noon",
    "gaps {code} --category horse",
    "walk {code} 1 2",
    "nearest {code} --category catering --k 99",
    "isochrone {code} 118.0023,37.3818 --minutes 500",
    "explain {code} nowhere catering",
    "serve --host 0.0.0.0 --port 0",
    "load grids {folder}/none.geojson --district {code}",
    "scenario {code} {folder}/none.json",
    "partition {code} --update --roster {folder}/r.csv",
    "grids split {code} {nw} --line here",
    "jobs --cancel",
    "editions {code} publish",
    "editions {code} save 一版",
    "restore {folder}/none.gpkg",
]
"""Calls that end in an error."""


@pytest.fixture
def places(tiny_db: Path, tmp_path: Path) -> dict[str, str]:
    """Return a database that may be written to, and files to read."""
    folder, db = tmp_path, tmp_path / "tiny.gpkg"
    shutil.copy(tiny_db, db)
    points = folder / "points.csv"
    points.write_text(
        "point_id,name,category,lon,lat\nq1,一店,catering,118.0012,37.3818\nq2,,catering,,\n",
        "utf-8",
    )
    edits = folder / "edits.json"
    edits.write_text('{"edits": [{"op": "close_point", "point_id": "p4"}]}', "utf-8")
    grids = {"nw": NORTH_WEST, "sw": SOUTH_WEST}
    named = {**grids, "code": CODE, "db": db, "points": points, "edits": edits, "folder": folder}
    return {name: str(value) for name, value in named.items()}


def run(call: str, places: dict[str, str], *, lang: str = "zh") -> Result:
    """Run a call, written with the names of `places`."""
    words = call.format(**places).split()
    db = [] if "--db" in words else ["--db", places["db"]]
    return CliRunner().invoke(app, [*db, "--lang", lang, *words], input="long enough pass\n" * 2)


def english_lines(text: str, places: dict[str, str]) -> list[str]:
    """Return the lines that hold a sentence of English, paths and options aside."""
    for place in sorted(places.values(), key=len, reverse=True):
        text = text.replace(place, "")
    plain = re.sub(r"`[^`]*`|--[a-z][a-z-]*|Authorization: Bearer KEY", "", text)
    return [line for line in plain.splitlines() if ENGLISH.search(line)]


@pytest.mark.parametrize("calls", [*([call] for call in FIGURES), *SEQUENCES.values()])
def test_a_command_prints_no_english(calls: list[str], places: dict[str, str]):
    for call in calls:
        done = run(call, places)
        assert done.exit_code == 0 or call.startswith("grids check"), done.output
        assert (call, english_lines(done.output, places)) == (call, [])
        assert "heads." not in done.output


@pytest.mark.parametrize("call", FAULTS)
def test_an_error_is_told_in_chinese(call: str, places: dict[str, str]):
    done = run(call, places)
    assert done.exit_code == 2
    assert CHINESE.search(done.stderr)
    assert english_lines(done.output, places) == []
    assert done.stderr.count("\n") == 1


def test_a_run_that_is_computed_again_is_told_in_chinese(places: dict[str, str]):
    kept = run("coverage {code} --keep", places).stderr
    [name] = re.findall(r"已留存为结果 ([0-9a-f]{12})；", kept)
    again = run(f"rerun {name}", places)
    assert "逐字节相同" in again.stdout
    assert english_lines(again.output, places) == []


@pytest.mark.parametrize("table", ["", *TABLES])
def test_a_standard_and_its_tables_are_told_in_chinese_with_their_sources(
    table: str, places: dict[str, str]
):
    shown = run(f"standard {table}", places).stdout
    assert english_lines(shown, places) == []


def test_a_standard_is_told_in_chinese(places: dict[str, str]):
    shown = run("standard", places).stdout
    assert all(word in shown for word in ("服务类别", "步行人群", "速度（米/秒）", "未核实"))
    assert not any(word in shown for word in ("Categories", "Walkers", "radius", "unverified"))


def test_every_command_is_run():
    calls = [*FIGURES, *FAULTS, *(call for calls in SEQUENCES.values() for call in calls)]
    told = {command for command in COMMANDS for call in calls if call.startswith(command)}
    elsewhere = {
        "demo", "rerun", "standard", "db reader", "load osm", "load boundary", "load buildings",
        "load organisations", "load workers", "load entrances", "load open_grounds",
        "load streets",
        "load households",
        "grids border", "grids add", "grids retire", "grids transfer",
    }  # fmt: skip
    assert set(COMMANDS) - told == elsewhere


@pytest.mark.parametrize("call", ["coverage {code}", "gaps {code}", "districts", "standard"])
def test_json_is_the_same_in_both_languages(call: str, places: dict[str, str]):
    zh, en = (run(f"{call} --json", places, lang=lang).stdout for lang in ("zh", "en"))
    assert json.loads(zh) == json.loads(en)


def test_figures_are_written_as_chinese_has_them(places: dict[str, str]):
    shown = run("coverage {code} --minutes 5 --profile adult", places).stdout
    assert "31 户，步行 5 分钟，即 375 米（成年人" in shown
    assert shown.count("若 15 分钟按") <= 1
    assert re.search(r"\d%", shown)
    assert not re.search(r"\d %", shown)
    assert "户均可达" in shown


@pytest.mark.parametrize(
    ("known", "values"),
    [
        (terms.ASSIGNED, [*STATUSES, *REASONS]),
        (terms.UNLINKED, UNLINKED),
        (terms.LEVELS, Level),
        (terms.METHODS, Method),
        (terms.DECAYS, DECAYS),
        (terms.GROUPS, Group),
        (terms.SUCCESSIONS, SuccessionKind),
        (terms.STATES, [*JobState, *EditionState]),
        (terms.RULES, Rule),
        (terms.ORIGINS, Origin),
        (terms.OUT_OF_BAND, Reason),
    ],
)
def test_every_value_has_a_word(known, values):
    assert [str(value) for value in values if str(value) not in known] == []
