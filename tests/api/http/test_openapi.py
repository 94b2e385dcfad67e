"""The API document: valid, with an example everywhere, drawn from files of our own."""

import re
from pathlib import Path

import httpx
import pytest
from openapi_spec_validator import validate
from pydantic import TypeAdapter

from api.coverage.schemas import CoverageAnswer
from api.districts.schemas import Districts
from api.editions.schemas import EditionAnswer
from api.http.schemas import FeatureCollection, Shape
from api.jobs.schemas import JobShape
from api.layers.schemas import BARRIERS, BUILDINGS, GATES, GRIDS, SERVICE_POINTS

DOCUMENTED = {
    "/districts": Districts.EXAMPLE,
    "/districts/{code}/coverage": CoverageAnswer.EXAMPLE,
}


@pytest.fixture(scope="module")
def document(client: httpx.Client) -> dict:
    return client.get("/openapi.json").json()


def operations(document: dict) -> list[tuple[str, str, dict]]:
    return [
        (path, method, operation)
        for path, item in document["paths"].items()
        for method, operation in item.items()
    ]


def test_it_is_valid(document):
    validate(document)


def test_every_endpoint_is_in_the_docs(document):
    page = Path(__file__).parents[3] / "docs" / "reference" / "http.md"
    rows = re.findall(r"^\| ([A-Z, ]+) \| `([^`]+)` \|", page.read_text("utf-8"), re.MULTILINE)
    described = {(method, path) for methods, path in rows for method in methods.split(", ")}
    assert described == {(method.upper(), path) for path, method, _ in operations(document)}


def test_every_endpoint_of_the_contract_is_there(document):
    assert {(method, path) for path, method, _ in operations(document)} == {
        ("get", "/"),
        ("get", "/healthz"),
        ("get", "/readyz"),
        ("get", "/metrics"),
        ("get", "/districts"),
        ("get", "/districts/{code}"),
        ("get", "/districts/{code}/grids"),
        ("get", "/districts/{code}/grids/check"),
        ("get", "/districts/{code}/grids/completeness"),
        ("post", "/districts/{code}/grids/edits"),
        ("post", "/districts/{code}/grids/repair"),
        ("post", "/districts/{code}/partitions"),
        ("get", "/districts/{code}/beats"),
        ("get", "/districts/{code}/service-points"),
        ("get", "/districts/{code}/buildings"),
        ("get", "/districts/{code}/barriers"),
        ("get", "/districts/{code}/gates"),
        ("get", "/districts/{code}/open-grounds"),
        ("get", "/districts/{code}/entrances"),
        ("get", "/districts/{code}/organisations"),
        ("get", "/districts/{code}/coverage"),
        ("get", "/districts/{code}/gaps"),
        ("get", "/districts/{code}/week"),
        ("get", "/districts/{code}/dependents"),
        ("get", "/districts/{code}/examination"),
        ("get", "/districts/{code}/lifts"),
        ("get", "/districts/{code}/profiles"),
        ("put", "/districts/{code}/profiles"),
        ("get", "/districts/{code}/settings/control-points"),
        ("put", "/districts/{code}/settings/control-points"),
        ("get", "/districts/{code}/settings/grids"),
        ("put", "/districts/{code}/settings/grids"),
        ("get", "/districts/{code}/lifts"),
        ("get", "/districts/{code}/profiles"),
        ("put", "/districts/{code}/profiles"),
        ("get", "/districts/{code}/nearest"),
        ("get", "/districts/{code}/network"),
        ("get", "/districts/{code}/access"),
        ("get", "/districts/{code}/equity"),
        ("get", "/districts/{code}/explain"),
        ("get", "/districts/{code}/link"),
        ("post", "/districts/{code}/scenarios"),
        ("get", "/districts/{code}/walk-edges"),
        ("get", "/districts/{code}/walk"),
        ("get", "/districts/{code}/isochrones"),
        ("post", "/districts/{code}/assignments"),
        ("get", "/districts/{code}/map.html"),
        ("get", "/districts/{code}/sheets.html"),
        ("get", "/districts/{code}/sheets.pdf"),
        ("post", "/districts/{code}/imports"),
        ("post", "/districts/{code}/runs"),
        ("get", "/districts/{code}/runs"),
        ("get", "/runs/{run}"),
        ("get", "/districts/{code}/imports"),
        ("post", "/districts/{code}/undo"),
        ("get", "/districts/{code}/changes"),
        ("get", "/districts/{code}/lineage"),
        ("get", "/districts/{code}/editions"),
        ("get", "/districts/{code}/editions/{name}"),
        ("put", "/districts/{code}/editions/{name}"),
        ("post", "/districts/{code}/editions/{name}/publish"),
        ("get", "/districts/{code}/{layer}/{key}"),
        ("put", "/districts/{code}/{layer}/{key}"),
        ("patch", "/districts/{code}/{layer}/{key}"),
        ("delete", "/districts/{code}/{layer}/{key}"),
        ("get", "/districts/{code}/{layer}/{key}/versions"),
        ("get", "/jobs"),
        ("get", "/jobs/{job}"),
        ("delete", "/jobs/{job}"),
        ("get", "/me"),
        ("post", "/me/password"),
        ("get", "/glossary"),
        ("get", "/sign-in"),
        ("post", "/sign-in"),
        ("get", "/sign-in/issuer"),
        ("get", "/sign-in/return"),
        ("post", "/sign-out"),
    }


def test_every_operation_is_described_with_examples(document):
    for path, method, operation in operations(document):
        where = f"{method} {path}"
        assert operation["summary"], where
        assert operation["description"], where
        for parameter in operation.get("parameters", []):
            assert parameter["description"], where
            schema = parameter["schema"]
            assert "examples" in schema or "example" in parameter, (where, parameter["name"])
        done = next(s for s in operation["responses"] if s.startswith(("2", "303")))
        for content in operation["responses"][done].get("content", {}).values():
            assert "example" in content, where
        for status, response in operation["responses"].items():
            if status >= "400":
                assert list(response["content"]) == ["application/problem+json"], where
        body = operation.get("requestBody")
        assert body is None or "example" in str(body), where


def shapes(base: type[Shape]) -> list[type[Shape]]:
    """Return every model of the answers and bodies; the routes have imported them all."""
    return [each for one in base.__subclasses__() for each in (one, *shapes(one))]


@pytest.mark.parametrize(
    ("model", "example"),
    [
        *[(shape, vars(shape)["EXAMPLE"]) for shape in shapes(Shape) if "EXAMPLE" in vars(shape)],
        (FeatureCollection, GRIDS),
        (FeatureCollection, SERVICE_POINTS),
        (FeatureCollection, BUILDINGS),
        (FeatureCollection, BARRIERS),
        (FeatureCollection, GATES),
        (JobShape, JobShape.QUEUED),
        (JobShape, JobShape.CANCELLED),
        (EditionAnswer, EditionAnswer.EXAMPLE),
    ],
)
def test_examples_have_the_declared_shape(model: type, example):
    TypeAdapter(model).validate_python(example)


@pytest.mark.parametrize(
    ("path", "example"),
    [("grids", GRIDS), ("service-points", SERVICE_POINTS),
     ("buildings", BUILDINGS), ("barriers", BARRIERS), ("gates", GATES)],
)  # fmt: skip
def test_features_have_the_properties_of_their_example(client: httpx.Client, path, example):
    real = client.get(f"/districts/371602/{path}").json()
    assert list(real["features"][0]["properties"]) == list(example["features"][0]["properties"])
    assert list(real["lifecircle"]) == list(example["lifecircle"])


def test_the_docs_page_loads_only_files_of_ours(client: httpx.Client):
    page = client.get("/docs").text
    assert "https://" not in page
    assert "http://" not in page
    names = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert "vendor/swagger-ui-dist/swagger-ui-bundle.js" in names
    for name in names:
        assert client.get(f"/{name}").status_code == 200, name
    assert not re.search(r"<script[^>]*>[^<]", page)
