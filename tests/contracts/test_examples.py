"""Examples in docstrings are run, and what users call has one."""

import doctest
import importlib
from pathlib import Path

import pytest

import api
import boundaries
import geo
import maps

ROOT = Path(geo.__file__).parents[1]
MODULES = sorted(
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    for package in (geo, boundaries, maps, api)
    for path in Path(package.__file__).parent.rglob("*.py")
    if ">>> " in path.read_text("utf-8")
)


@pytest.mark.parametrize("module", MODULES)
def test_every_example_prints_what_it_says(module, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = doctest.testmod(importlib.import_module(module), optionflags=doctest.ELLIPSIS)
    assert found.attempted > 0
    assert found.failed == 0


ENTRY_POINTS = (
    "api.parameters.parse_as_of",
    "api.parameters.parse_position",
    "boundaries.readers.organisations.read_organisations",
    "boundaries.readers.osm.reader.read_osm",
    "boundaries.readers.point_table.read_points",
    "boundaries.readers.vector.read_layer",
    "boundaries.standards.catalogue.load_standard",
    "boundaries.store.open.open_store",
    "geo.accessibility.coverage.building_table",
    "geo.accessibility.coverage.coverage_table",
    "geo.accessibility.coverage.nearest_times",
    "geo.accessibility.floating_catchment.supply_access",
    "geo.accessibility.gaps.gap_areas",
    "geo.accessibility.gaps.gap_table",
    "geo.accessibility.inequality.distribution",
    "geo.accessibility.inequality.theil_parts",
    "geo.grids.assign.assign",
    "geo.grids.checks.plan_check.check_grids",
    "geo.isochrone.isochrones.Isochrones",
    "geo.network.compile.compile_network",
    "geo.partition.pipeline.partition",
    "geo.routing.od_pairs.pairs_within",
    "geo.routing.route.walk",
    "geo.scenario.compare.change_table",
    "geo.scenario.edits.parse_edit",
    "geo.scenario.engine.WhatIfEngine",
    "geo.scenario.explain.explain",
)
"""What users of the Python packages call first, and what the doors of the service call for them."""


@pytest.mark.parametrize("name", ENTRY_POINTS)
def test_what_users_call_has_an_example_with_a_printed_answer(name):
    module, attribute = name.rsplit(".", 1)
    of = getattr(importlib.import_module(module), attribute)
    examples = doctest.DocTestParser().get_examples(of.__doc__)
    assert any(example.want for example in examples)
