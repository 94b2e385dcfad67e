"""Lifts and floors through HTTP, on the hand-made district of storeys 6, 6, 6, 6, 6 and 1."""

import pytest
from typer.testing import CliRunner

from api.cli.main import app

CODE = "371602"


def ask(client, path, **query):
    answer = client.get(f"/districts/{CODE}/{path}", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_wheelchair_needs_lifts(client):
    answer = ask(client, "lifts", profile="wheelchair", limit=2)
    assert [row["building_id"] for row in answer["rows"]] == ["b5", "b4"]
    assert answer["rows_cut"] == 3
    assert answer["rows"][0]["lift"] is None
    by_floor = ask(client, "coverage", profile="wheelchair", floors=True)["total"]
    without = ask(client, "coverage", profile="wheelchair")["total"]
    assert by_floor["covered_all"] + answer["gained_households"] == without["covered_all"]
    assert by_floor["households"] == without["households"]
    assert by_floor["buildings"] == without["buildings"]


def test_the_rows_of_buildings_sum_to_the_district(client):
    answer = ask(client, "coverage", profile="elderly", floors=True, by="building", minutes=6.5)
    assert answer["floors"]["spread"] == "even"
    assert answer["paces"] == []
    for category, share in answer["total"]["categories"].items():
        cells = [row["categories"][category] for row in answer["rows"]]
        assert sum(cell["covered"] for cell in cells) == share["covered"]
        for row, cell in zip(answer["rows"], cells, strict=True):
            whole = cell["status"] == "covered"
            assert whole == (cell["covered"] == row["households"]) or row["households"] == 0
    columns = ask(client, "coverage", profile="elderly", floors=True, by="building", f="columns")
    assert len(columns["columns"]["categories"]["catering"]["covered"]) == len(answer["rows"])
    plain = ask(client, "coverage", by="building")
    assert plain["floors"] is None
    assert "covered" not in plain["rows"][0]["categories"]["catering"]


def test_gaps_nearest_and_the_week_count_the_floors_of_coverage(client):
    question = {"profile": "elderly", "floors": True, "minutes": 6.5}
    total = ask(client, "coverage", **question)["total"]
    gaps = ask(client, "gaps", level="large", category="catering", **question)
    without = total["households"] - total["categories"]["catering"]["covered"]
    assert gaps["rows"][0]["households"] == without > 0
    assert sum(area["households"] for area in gaps["areas"]) == without
    nearest = ask(client, "nearest", category="catering", k=1, **question)
    assert nearest["choices"][0]["households"] == total["categories"]["catering"]["covered"]
    week = ask(client, "week", by="district", **question)
    assert set(week["total"]["catering"]["covered"]) == {total["categories"]["catering"]["covered"]}
    assert set(week["rows"][0]["covered"]["all"]) == {total["covered_all"]}
    for answer in (gaps, nearest, week):
        assert answer["floors"]["spread"] == "even"
    homes = ask(client, "week", by="building", **question)["rows"]
    cells = ask(client, "coverage", by="building", **question)["rows"]
    for home, row in zip(homes, cells, strict=True):
        covered = row["categories"]["catering"]["status"] == "covered"
        assert home["hours"]["catering"] == ("24/7" if covered else "")


@pytest.mark.parametrize("path", ["isochrones", "walk", "equity", "dependents", "scenarios"])
def test_what_ends_at_the_door_refuses_floors_in_words(client, path):
    ask_for = client.post if path == "scenarios" else client.get
    answer = ask_for(f"/districts/{CODE}/{path}", params={"floors": True})
    assert answer.status_code == 400
    assert "Floors count in coverage, explain, gaps" in answer.json()["detail"]
    told = CliRunner().invoke(app, ["dependents", CODE, "--floors"])
    assert told.exit_code == 2
    assert "Floors count in coverage, explain, gaps" in told.output


@pytest.mark.parametrize("path", ["isochrones", "explain", "walk", "equity"])
def test_what_does_not_draw_them_refuses_them(client, path):
    answer = client.get(f"/districts/{CODE}/{path}", params={"crossings": True})
    assert answer.status_code == 400
    assert "crossings" in answer.text


def test_edits_of_streets_are_refused_with_crossings_and_points_are_answered(client):
    url = f"/districts/{CODE}/scenarios"
    point = {"op": "close_point", "point_id": "p4"}
    answer = client.post(url, params={"crossings": True}, json={"edits": [point]})
    assert answer.status_code == 200, answer.text
    assert answer.json()["profile"]["at_crossings"]
    street = {"op": "close_street", "edge_id": 1}
    refused = client.post(url, params={"crossings": True}, json={"edits": [street]})
    assert refused.status_code == 400
    assert "Streets and gates cannot change" in refused.text
