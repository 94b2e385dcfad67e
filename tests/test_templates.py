"""The templates of files in `docs/templates` load as they are, in both languages."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.cli.main import app

TEMPLATES = Path(__file__).parents[1] / "docs" / "templates"
NAMES = {
    "en": (
        "streets.osm",
        "boundary.geojson",
        "grids.geojson",
        "buildings.csv",
        "households.csv",
        "points.csv",
        "organisations.csv",
        "workers.csv",
    ),
    "zh": (
        "步行道路.osm",
        "辖区边界.geojson",
        "网格.geojson",
        "楼栋.csv",
        "户数.csv",
        "服务点.csv",
        "组织.csv",
        "岗位.csv",
    ),
}
LAYERS = ("grids", "buildings", "households", "points", "organisations", "workers")
HOUSEHOLDS = 168


def run(db: Path, *words: str) -> dict:
    """Return what a command prints as JSON."""
    answer = CliRunner().invoke(app, ["--db", str(db), *words, "--json"])
    assert answer.exit_code == 0, answer.output
    return json.loads(answer.stdout)


@pytest.mark.parametrize("lang", NAMES)
def test_every_template_loads_as_it_is(lang, tmp_path):
    folder, db = TEMPLATES / lang, tmp_path / "city.gpkg"
    streets, boundary, *tables = NAMES[lang]
    where = ["--district", "example"]
    run(db, "load", "osm", str(folder / streets), *where, "--boundary", str(folder / boundary))
    for layer, name in zip(LAYERS, tables, strict=True):
        report = run(db, "load", layer, str(folder / name), *where)["layers"]
        assert all(each["read"] > 0 and not each["rejected"] for each in report.values())
    found = run(db, "grids", "check", "example")["faults"]
    assert [fault for fault in found if fault["grave"]] == []
    coverage = run(db, "coverage", "example", "--by", "district")
    assert coverage["total"]["households"] == HOUSEHOLDS
    assert len(coverage["judged"]) == 6


def test_both_languages_hold_the_same():
    sizes = {
        lang: [len((TEMPLATES / lang / name).read_text("utf-8").splitlines()) for name in names]
        for lang, names in NAMES.items()
    }
    assert sizes["en"] == sizes["zh"]
