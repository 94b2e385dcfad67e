"""Coverage in pages and in columns: together and turned round they are the rows of the whole."""

import httpx
import pytest

from api.coverage.schemas import CoverageAnswer, CoverageColumns

URL = "/districts/371602/coverage"


@pytest.mark.parametrize("by", ["building", "small", "medium", "district"])
def test_pages_together_are_the_whole(client: httpx.Client, by: str):
    whole = client.get(URL, params={"by": by, "minutes": 5}).json()
    assert "next" not in whole
    for limit in (1, 2, 4, 100):
        rows, url, pages = [], f"{URL}?by={by}&minutes=5&limit={limit}", 0
        while url is not None:
            page = client.get(url)
            body = page.json()
            CoverageAnswer.model_validate(body)
            assert len(body["rows"]) <= limit
            assert body["total"] == whole["total"]
            rows += body["rows"]
            url = None if body["next"] is None else str(page.url.join(body["next"]))
            pages += 1
        assert rows == whole["rows"]
        assert pages == max(1, -(-len(rows) // limit))


def test_csv_has_the_same_pages(client: httpx.Client):
    asked = {"by": "building", "f": "csv"}
    whole = client.get(URL, params=asked).content.decode("utf-8-sig").splitlines()
    k = len(client.get(URL).json()["total"]["categories"])
    first = client.get(URL, params={**asked, "limit": 2}).content.decode("utf-8-sig").splitlines()
    rest = client.get(URL, params={**asked, "after": "b2"}).content.decode("utf-8-sig").splitlines()
    assert first == whole[: 1 + 2 * k]
    assert [rest[0], *first[1:], *rest[1:]] == whole


@pytest.mark.parametrize("by", ["building", "small"])
@pytest.mark.parametrize("more", [{}, {"limit": 2}, {"after": "z", "limit": 2}])
def test_columns_turned_round_are_the_rows(client: httpx.Client, by: str, more: dict):
    asked = {"by": by, "minutes": 5, **more}
    rows = client.get(URL, params=asked).json()
    body = client.get(URL, params={**asked, "f": "columns"}).json()
    CoverageColumns.model_validate(body)
    columns = body.pop("columns")
    wanted = rows.pop("rows")
    if body.get("next") is not None:
        assert body["next"].replace("f=columns&", "").replace("&f=columns", "") == rows["next"]
    assert {**body, "next": None} == {**rows, "next": None}

    def value(column, i):
        return column["words"][column["at"][i]] if isinstance(column, dict) else column[i]

    categories = columns.pop("categories")
    turned = [
        {name: column[i] for name, column in columns.items()}
        | {
            "categories": {
                category: {name: value(column, i) for name, column in cells.items()}
                for category, cells in categories.items()
            }
        }
        for i in range(len(wanted))
    ]
    assert turned == wanted
    assert all(len(column) == len(wanted) for column in columns.values())


@pytest.mark.parametrize("wrong", ["limit=0", "limit=200000", "limit=x", "f=rows"])
def test_a_wrong_page_is_refused(client: httpx.Client, wrong: str):
    assert client.get(f"{URL}?{wrong}").status_code == 400
