"""The walk network examined: components, islands, and what its import mended."""

import json
from dataclasses import replace
from pathlib import Path

import httpx
import pandas as pd
from shapely import LineString
from typer.testing import CliRunner

from api.app import create_app
from api.cli.main import app
from api.network.schemas import NetworkAnswer
from api.settings import read_settings
from boundaries.store.open import open_store
from tests.api.serving import serving
from tests.scenes import stored, tiny_district, xy

URL = "/districts/371602/network"


def ask(client: httpx.Client, **query: object) -> dict:
    answer = client.get(URL, params=query)
    assert answer.status_code == 200, answer.text
    NetworkAnswer.model_validate(answer.json())
    return answer.json()


def test_one_network(client):
    body = ask(client)
    assert (body["components"], body["edges"], body["nodes"]) == (1, 11, 12)
    assert body["walkable_m"] == 1200
    assert body["rows"] == [
        {"component": 0, "walkable_m": 1200, "edges": 11, "buildings": 6, "households": 31,
         "share": 1.0}
    ]  # fmt: skip
    assert body["islands"]["households"] == 0
    assert body["mended"] is None  # the scene was stored without an import


def test_who_lives_on_an_island(tmp_path: Path):
    """A lane of 1,180 m, 2 m from b5 (16 households), that no way joins."""
    district, layers = tiny_district()
    edges = layers.walk_edges
    one = {name: edges[name].iloc[0] for name in edges.columns if name != "geometry"}
    lane = LineString([xy(312, -1000), xy(312, 180)])
    island = stored([lane], **{name: [value] for name, value in one.items()})
    island = island.assign(edge_id=99, u=90, v=91, length_m=1180.0)
    joined = pd.concat([edges, island], ignore_index=True)
    store = open_store(tmp_path / "island.gpkg", create=True)
    store.replace(district, replace(layers, walk_edges=joined))
    with serving(create_app(read_settings(db=str(tmp_path / "island.gpkg"), cache=""))) as client:
        body = ask(client)
    assert body["components"] == 2
    assert body["islands"] == {
        "walkable_m": 1180, "edges": 1, "buildings": 1, "households": 16, "share": 16 / 31,
    }  # fmt: skip


def test_bad_input(client):
    assert client.get(URL, params={"profile": "runner"}).status_code == 400
    assert client.get("/districts/nowhere/network").status_code == 404


def test_the_command(client, tiny_db: Path):
    def run(*words: str):
        return CliRunner().invoke(app, ["--db", str(tiny_db), "network", "371602", *words])

    assert json.loads(run("--json").stdout) == ask(client)
    shown = run().stdout
    assert "0 islands: 0 km" in shown.replace("0.00", "0")
    assert "unlinked: 0 households in 0 buildings" in shown


def test_the_example_has_the_declared_shape():
    NetworkAnswer.model_validate(NetworkAnswer.EXAMPLE)
