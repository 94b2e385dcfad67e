"""Record every answer of a tree of Lifecircle, to be compared with those of another.

    python scripts/answers.py record TREE DATABASE FOLDER    with that tree's own Python
    python scripts/answers.py compare FOLDER FOLDER

`record` works on copies of the database and writes one file for each question: every GET and POST
of the service on every district, and every command. `compare` masks what must differ (moments,
seconds, versions, ids of requests, names of runs and networks, which hash the code, names of
scripts and schemas, which name modules) and prints each question whose answers differ.
"""

import difflib
import json
import os
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

Row = dict[str, object]

MASKS = (
    (rb"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(\+00:00|Z)?", b"<moment>"),
    (rb'"code_version":"[^"]*"', b'"code_version":"<version>"'),
    (rb"(drawing[\w ]* \w+): \d+\.\d s", rb"\1: <seconds>"),
    (rb"(as run |rerun )[0-9a-f]{12}", rb"\1<name>"),
    (rb"api__\w+__", b""),
    (rb'<link rel="modulepreload" href="[^"]*">\n', b""),
    ("(步行路网 )[0-9a-f]{16}".encode(), rb"\1<network>"),
    (rb"(network[^0-9a-f]{1,9})[0-9a-f]{16}\b", rb"\1<network>"),
    (rb"lifecircle \d+\.\d+\.\d+", b"lifecircle <version>"),
    (rb"\b0\.[12]\.0\b", b"<version>"),
    (rb'"(run|code|job|service|request_id)": ?"[0-9a-f]{12,64}"', rb'"\1":"<name>"'),
)


def gets(sample: Row) -> Iterator[str]:
    """Yield the questions that change nothing, as paths with their queries."""
    building, point, category, grid, box, start, end = sample.values()
    yield from ("", "/buildings", "/barriers", "/gates", "/service-points", "/imports", "/editions")
    yield from ("/grids/check", "/grids/completeness", "/grids/completeness?minutes=10", "/beats")
    yield from ("/beats?f=csv", "/network", "/network?profile=wheelchair", "/changes", "/runs")
    yield from ("/lineage", f"/lineage?grid={grid}", f"/walk-edges?bbox={box}", "/nothing")
    yield from (f"/service-points?category={category}", "/service-points?profile=elderly")
    for level in ("small", "medium", "large"):
        yield from (f"/grids?level={level}", f"/gaps?level={level}")
    for profile in ("adult", "elderly", "wheelchair", "pram"):
        for by in ("building", "small", "medium", "large", "district"):
            yield f"/coverage?by={by}&profile={profile}"
        yield f"/walk?from={start}&to={end}&profile={profile}"
        yield f"/isochrones?lon={start.split(',')[0]}&lat={start.split(',')[1]}&profile={profile}"
    for minutes in (5, 8.2, 10, 16.4, 30):
        yield f"/coverage?minutes={minutes}&by=small"
        yield f"/gaps?minutes={minutes}&category={category}"
        yield f"/explain?building={building}&category={category}&minutes={minutes}"
    yield from ("/coverage?f=csv", "/coverage?own_points=true", "/coverage?at=Tu%2023:00")
    yield from (f"/gaps?category={category}&at=Tu%2023:00", "/coverage?minutes=0", "/coverage?x=1")
    yield from (f"/nearest?category={category}", f"/nearest?category={category}&k=5&f=csv")
    yield f"/nearest?category={category}&building_id={building}&at=Su%2003:00"
    for method in ("2sfca", "e2sfca", "3sfca", "gravity"):
        yield f"/access?category={category}&method={method}&by=building"
        yield f"/equity?category={category}&measure=access&method={method}"
    yield from ("/equity", "/equity?by=medium&weight=residents_60plus")
    lon, lat = start.split(",")
    yield f"/isochrones?lon={lon}&lat={lat}&minutes=7,12&direction=to"
    yield from (f"/buildings/{building}", f"/service-points/{point}", f"/grids/{grid}")
    yield from (f"/grids/{grid}/versions", "/map.html?lang=en", "/map.html?lang=zh&minutes=10")
    yield from ("/coverage?as_of=1", "/grids?as_of=1", "/explain?building=nobody&category=x")


def posts(sample: Row) -> Iterator[tuple[str, object]]:
    """Yield the questions that are asked with a body, all of which store nothing."""
    building, point, category, grid, _, start, _ = sample.values()
    lon, lat = (float(part) for part in start.split(","))
    add = {"op": "add_point", "point_id": "new", "category": category, "lon": lon, "lat": lat}
    close = {"op": "close_point", "point_id": point}
    move = {"op": "move_point", "point_id": point, "lon": lon, "lat": lat}
    for edits in ([add], [close], [move], [add, close], [{"op": "close_point", "point_id": "?"}]):
        for by in ("small", "district"):
            yield f"/scenarios?by={by}&minutes=10", {"edits": edits}
    yield "/scenarios", {"edits": [{"op": "nothing"}]}
    yield "/scenarios", [1]
    points = [{"id": "a", "lon": lon, "lat": lat}, {"id": "b", "lon": 0, "lat": 0}]
    yield "/assignments", {"points": points}
    yield "/assignments", {"points": [{"id": "a"}]}
    for edit in (
        {"op": "retire", "code": grid},
        {"op": "transfer", "building_id": building, "to": grid},
        {"op": "split", "code": grid, "line": [[lon - 0.01, lat], [lon + 0.01, lat]]},
        {"op": "merge", "codes": [grid, "?"]},
    ):
        yield "/grids/edits?preview=true", edit
    yield "/grids/repair?preview=true", {}


def commands(code: str, sample: Row) -> Iterator[list[str]]:
    """Yield command lines in an order in which the later ones may change the database."""
    building, _, category, grid, _, start, end = sample.values()
    reads = [
        ["districts"], ["coverage", code], ["coverage", code, "--by", "small"],
        ["coverage", code, "--by", "building", "--profile", "pram", "--minutes", "8.2"],
        ["coverage", code, "--at", "Tu 23:00"], ["coverage", code, "--own-points"],
        ["gaps", code], ["gaps", code, "--category", category, "--level", "medium"],
        ["nearest", code, "--category", category, "--k", "3"],
        ["access", code, "--category", category, "--by", "small"],
        ["equity", code], ["equity", code, "--measure", "access", "--category", category],
        ["explain", code, building, category, "--minutes", "5"],
        ["walk", code, start, end], ["walk", code, start, "0,0"],
        ["isochrone", code, start], ["network", code], ["grids", "check", code],
        ["grids", "repair", code], ["grids", "complete", code],
        ["grids", "complete", code, "--lang", "zh"],
        ["partition", code, "--seed", "2"], ["runs", code], ["jobs"], ["log", code],
        ["imports", code], ["lineage", code], ["editions", code], ["db", "check"],
        ["grids", "retire", code, grid], ["coverage", "nowhere"],
        ["coverage", code, "--minutes", "0"],
        ["coverage", code, "--profile", "dog"], ["explain", code, "?", category],
    ]  # fmt: skip
    for line in reads:
        yield line
        yield [*line, "--json"]
    for name in ("", "load points", "coverage", "grids split", "nearest", "scenario", "walk", "db"):
        yield [*name.split(), "--help"]
    yield ["standard"]
    yield ["standard", "tiers"]
    yield ["settings"]
    for name in ("coverage.csv", "coverage.geojson"):
        yield ["coverage", code, "--by", "small", "--out", name]
    yield ["coverage", code, "--by", "building", "--out", "buildings.csv"]
    yield ["nearest", code, "--category", category, "--out", "nearest.csv"]
    yield ["isochrone", code, start, "--out", "isochrone.geojson"]
    yield ["partition", code, "--out", "grids.geojson", "--roster", "roster.csv"]
    yield ["map", code, "--out", "map.html"]
    yield ["coverage", code, "--keep"]
    yield ["editions", code, "save", "plan"]
    yield ["editions", code, "publish", "plan"]
    yield ["editions", code, "--json"]
    yield ["grids", "retire", code, grid, "--save"]
    yield ["partition", code, "--update", "--save", "--json"]
    for view in (["log"], ["lineage"], ["runs"], ["grids", "check"], ["coverage"]):
        yield [*view, code, "--json"]
    yield ["undo", code]


def _samples(client: "object", code: str) -> Row:
    buildings = client.get(f"/districts/{code}/buildings").json()["features"]
    points = client.get(f"/districts/{code}/service-points").json()["features"]
    grids = client.get(f"/districts/{code}/grids").json()["features"]
    home, far = buildings[len(buildings) // 3], buildings[2 * len(buildings) // 3]

    def at(feature: dict) -> tuple[float, float]:
        numbers = re.findall(r"-?\d+\.\d+", json.dumps(feature["geometry"]))
        return float(numbers[0]), float(numbers[1])

    (x, y), (u, v) = at(home), at(far)
    return {
        "building": home["id"], "point": points[len(points) // 2]["id"],
        "category": points[len(points) // 2]["properties"]["category"],
        "grid": grids[len(grids) // 2]["id"],
        "box": f"{x - 0.003:.6f},{y - 0.003:.6f},{x + 0.003:.6f},{y + 0.003:.6f}",
        "start": f"{x},{y}", "end": f"{u},{v}",
    }  # fmt: skip


def record(tree: Path, database: Path, out: Path) -> None:
    """Ask everything of the tree whose Python this runs on."""
    sys.path.insert(0, str(tree))
    out.mkdir(parents=True)
    served = out.parent / f"{out.name}.served.gpkg"
    shutil.copy(database, served)
    os.environ |= {"LIFECIRCLE_CACHE": "", "COLUMNS": "200", "LIFECIRCLE_ACTOR": "somebody"}
    if os.fork() == 0:
        _command(["--db", str(served), "db", "upgrade"], out / "upgrade", out)
    os.wait()
    (out / "upgrade").unlink()

    from starlette.testclient import TestClient  # noqa: PLC0415 - of the tree

    from api.app import create_app  # noqa: PLC0415 - of the tree
    from api.settings import Settings  # noqa: PLC0415 - of the tree

    app = create_app(Settings(db=str(served), editable=True, cache=""))
    client = TestClient(app, base_url="http://127.0.0.1")  # no other host is answered
    document = client.get("/openapi.json").json()
    text = json.dumps(document, sort_keys=True, indent=1, ensure_ascii=False)
    (out / "openapi.json").write_text(text)
    for path in ("/", "/?lang=en", "/healthz", "/districts", "/jobs", "/docs"):
        _write(out / f"GET {quote(path, safe='?=')}", client.get(path))
    for code in (row["code"] for row in client.get("/districts").json()["districts"]):
        sample = _samples(client, code)
        root = f"/districts/{code}"
        for path in gets(sample):
            _write(out / f"GET {quote(root + path, safe='?=&,:')}"[:200], client.get(root + path))
        for number, (path, body) in enumerate(posts(sample)):
            answer = client.post(root + path, json=body, headers={"If-Match": "*"})
            _write(out / f"POST {number:02} {quote(root + path, safe='?=&')}", answer)
        work = out.parent / f"{out.name}.work"
        work.mkdir()
        shutil.copy(served, work / "lifecircle.gpkg")
        for number, line in enumerate(commands(code, sample)):
            name = f"COMMAND {code} {number:03} {quote(' '.join(line), safe=' ,')}"
            if os.fork() == 0:
                _command(line, out / name[:100], work)
            os.wait()
        for file in sorted(work.iterdir()):
            if file.suffix in {".csv", ".geojson", ".html"}:
                file.rename(out / f"FILE {code} {file.name}")
        shutil.rmtree(work)
    served.unlink()


def _write(path: Path, answer: "object") -> None:
    names = ("content-type", "cache-control", "retry-after", "content-security-policy", "allow")
    head = "".join(f"{n}: {answer.headers[n]}\n" for n in names if n in answer.headers)
    path_text = str(path).replace("/GET %2F", "/GET ")
    Path(path_text).write_bytes(f"{answer.status_code}\n{head}\n".encode() + answer.content)


def _command(line: list[str], to: Path, folder: Path) -> None:
    """Run a command line in this (forked) process, and end it."""
    descriptor = os.open(to, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    sys.stdout = os.fdopen(1, "w", encoding="utf-8", buffering=1)
    sys.stderr = os.fdopen(2, "w", encoding="utf-8", buffering=1)
    os.chdir(folder)
    sys.argv = ["lifecircle", *line]
    status: object = 0
    try:
        from api.cli.main import main  # noqa: PLC0415 - of the tree

        main()
    except SystemExit as end:
        status = end.code
    except BaseException as error:  # noqa: BLE001 - whatever it is, it is recorded
        status = f"{type(error).__name__}: {error}"
    sys.stdout.write(f"\nexit {status}\n")
    sys.stdout.flush()
    os._exit(0)


def _masked(path: Path) -> bytes:
    text = path.read_bytes()
    for pattern, by in MASKS:
        text = re.sub(pattern, by, text)
    return text


def compare(one: Path, two: Path) -> int:
    """Print the questions whose answers differ; return how many."""
    names = sorted({p.name for p in one.iterdir()} | {p.name for p in two.iterdir()})
    differing = 0
    for name in names:
        if not (one / name).exists() or not (two / name).exists():
            differing += 1
            print(f"only in one: {name}")
            continue
        before, after = _masked(one / name), _masked(two / name)
        if before != after:
            differing += 1
            print(f"differs: {name} ({len(before)} and {len(after)} bytes)")
            both = (text.decode("utf-8", "replace") for text in (before, after))
            changes = difflib.unified_diff(*(re.split(r"(?<=[,{\n])", text) for text in both), n=0)
            shown = [line for line in changes if line[:1] in "+-"][2:8]
            for each in shown:
                print("    ", each[:160].rstrip())
    print(f"{len(names)} questions, {differing} answers differ")
    return differing


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["record", *folders] if len(folders) == len(("tree", "database", "folder")):
            record(*(Path(each).resolve() for each in folders))
        case ["compare", one, two]:
            sys.exit(bool(compare(Path(one), Path(two))))
        case _:
            sys.exit(__doc__)
