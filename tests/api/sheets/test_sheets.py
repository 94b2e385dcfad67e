"""Contact cards and public notices: what they say, by command and over HTTP."""

import json
import re
import sys
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from api.app import create_app
from api.cli.main import app
from api.settings import read_settings
from boundaries.store.open import open_store
from maps.sheets.pdf import pdf_of
from tests.api.serving import serving
from tests.scenes import LARGE, NORTH_WEST, SOUTH_EAST, SOUTH_WEST, WEST, tiny_district

PATH = "/districts/371602/sheets"


def text_of(html: str) -> str:
    """Return what a file says, without its maps, tags and styles."""
    html = re.sub(r"<style>.*?</style>|<svg.*?</svg>", "", html, flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def page(client: httpx.Client, **query: object) -> str:
    answer = client.get(f"{PATH}.html", params={"profile": "adult", "lang": "en", **query})
    assert answer.status_code == 200, answer.text
    return answer.text


def test_a_card_has_the_walk_of_the_household_in_the_middle(client):
    """From b5 (16 households) to p4 it is 10 + 80 + 100 + 100 + 5 m, 236 s at 1.25 m/s."""
    said = text_of(page(client, within=SOUTH_EAST))
    assert "16 households · 2 buildings" in said
    assert "W2" in said
    assert re.search(r"早餐店 .*?(\d+) min", said)[1] == "4"
    assert "the data has no such point" in said  # of household services there is none


def test_each_grid_of_a_street_has_its_page(client):
    html = page(client, within=LARGE[:9])
    assert html.count("<article") == 4
    assert [code in html for code in (NORTH_WEST, SOUTH_WEST)] == [True, True]
    assert page(client, within=WEST).count("<article") == 2
    assert page(client, level="beat").count("<article") == 2
    assert 'lang="zh"' in page(client, lang="zh", within=SOUTH_EAST)


@pytest.mark.parametrize(
    ("level", "of", "rows"),
    [("large", LARGE, 2), ("medium", WEST, 2), ("small", NORTH_WEST, 2), ("beat", "W1", 2)],
)
def test_a_notice_lists_what_is_inside(client, level, of, rows):
    html = page(client, kind="notice", level=level, within=of)
    assert "Public notice" in html
    table = re.search(r'<table class="parts">(.*?)</table>', html, re.DOTALL)[1]
    assert table.count("<tr><td>") == rows


def test_a_notice_says_when_it_hangs_and_where_objections_are_heard(client):
    notice = {"kind": "notice", "within": NORTH_WEST}
    term = {"posted": "2026-12-01", "until": "2026-12-07", "phone": "0543-3123456"}
    said = text_of(page(client, **notice, **term))
    assert "Hangs from 2026-12-01 until 2026-12-07 Objections 0543-3123456" in said
    assert "Hangs from until Objections Issued by (seal)" in text_of(page(client, **notice))


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"kind": "card", "phone": "0543-3123456"}, "wanted it for public notices"),
        ({"kind": "notice", "phone": "138 0000 1234"}, "no mobile number"),
        ({"kind": "notice", "posted": "2026-12-07", "until": "2026-12-01"}, "no earlier than"),
        ({"kind": "notice", "posted": "2026-02-30"}, "wanted a day"),
    ],
)
def test_a_term_that_cannot_be_is_refused(client, asked, told):
    answer = client.get(f"{PATH}.html", params=asked)
    assert answer.status_code == 400
    assert told in answer.json()["detail"]


def test_what_is_nowhere_below_a_threshold_is_told_with_its_minutes(client):
    said = text_of(page(client, within=SOUTH_EAST, minutes=1))
    assert "grey: the nearest beyond 1 min" in said
    assert re.search(r"早餐店 .*?(\d+) min", said)[1] == "4"


def test_faults_are_told(client):
    assert client.get(f"{PATH}.html", params={"within": "9"}).status_code == 404
    assert client.get(f"{PATH}.html", params={"kind": "poster"}).status_code == 400
    assert client.get(f"{PATH}.html", params={"profile": "x"}).status_code == 400


def test_households_that_are_estimated_are_labelled_on_every_page(tmp_path: Path):
    path = tmp_path / "estimated.gpkg"
    district, layers = tiny_district()
    notes = {"note": "Households are estimated.", "note_zh": "户数为估算。"}
    named = layers.grids.assign(name_zh="网格" * 300)
    open_store(path, create=True).replace(replace(district, **notes), replace(layers, grids=named))
    with serving(create_app(read_settings(db=str(path)))) as client:
        assert page(client).count(f"<b>{notes['note']}</b>") == page(client).count("<article")
        told = page(client, kind="notice", lang="zh")
    assert f"<b>{notes['note_zh']}</b>" in told
    assert f'<b class="long">{"网格" * 300}</b>' in told  # in small type, and broken into lines


def test_a_post_with_a_chinese_code_has_its_pdf(tmp_path: Path):
    path = tmp_path / "posts.gpkg"
    district, layers = tiny_district()
    workers = layers.workers.assign(worker_code="东片区")
    open_store(path, create=True).replace(district, replace(layers, workers=workers))
    with serving(create_app(read_settings(db=str(path)))) as client:
        answer = client.get(f"{PATH}.pdf", params={"level": "beat", "within": "东片区"})
    assert answer.status_code == 200, answer.text
    assert answer.content.startswith(b"%PDF")


def test_a_pdf_has_a_page_for_each_and_the_same_bytes(client):
    query = {"within": WEST, "lang": "zh"}
    answer = client.get(f"{PATH}.pdf", params=query)
    assert answer.headers["content-type"] == "application/pdf"
    html = client.get(f"{PATH}.html", params=query).text
    assert answer.content == pdf_of(html)
    from weasyprint import HTML

    assert len(HTML(string=html).render().pages) == 2


def test_without_pango_the_sentence_says_what_to_do(client, monkeypatch):
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    answer = client.get(f"{PATH}.pdf", params={"within": SOUTH_EAST, "minutes": 7})
    assert answer.status_code == 400
    assert "libpango" in answer.json()["detail"]


def test_the_command_writes_one_file(tiny_db: Path, tmp_path: Path):
    def run(*words: str):
        return CliRunner().invoke(app, ["--db", str(tiny_db), "sheets", "371602", *words])

    out = tmp_path / "cards.html"
    done = run("--within", LARGE, "--out", str(out), "--json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["sheets"] == 4
    first = out.read_bytes()
    assert run("--within", LARGE, "--out", str(out)).exit_code == 0
    assert out.read_bytes() == first
    assert run("--out", str(tmp_path / "cards.docx")).exit_code == 2
    assert [path.name for path in tmp_path.iterdir()] == ["cards.html"]
