"""Which places count in which category: points by kind, five of each looked up, and the coverage.

    python scripts/categories.py            Helsinki, Tsinghua and Bincheng, as a table each
    python scripts/categories.py helsinki

Beside the figures stand those of the rules before version 2026.4 of the standard (:data:`BEFORE`),
when a category was a list of tags: parks were education, cash machines post, toilets government.
Five points of each category are drawn with a fixed seed, and told with their tags in the source.
"""

import sys
from collections import Counter
from pathlib import Path

import numpy as np
import osmium

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from boundaries.demo import bincheng, helsinki_path
from boundaries.readers.osm import read_osm
from boundaries.standards.catalogue import load_standard
from geo.accessibility.coverage import nearest_times
from geo.model.layers import Layers
from geo.network.compile import compile_network
from geo.routing.snapped_district import snap_layers

STANDARD = load_standard()
TSINGHUA = "shared/data/osm-beijing-tsinghua-2017/map.nometa.osm.pbf"
MINUTES = (5, 15)
DRAWN = 5
SEED = 20260301
WALKER = "adult"

BEFORE: dict[str, dict[str, tuple[int, ...]]] = {
    "helsinki": {
        "catering": (359, 8_897, 8_962), "household": (0, 0, 0), "medical": (17, 4_425, 8_386),
        "elderly": (0, 0, 0), "shopping": (17, 7_549, 8_879), "repair": (4, 3_277, 7_471),
        "personal": (68, 8_091, 8_962), "post_fin": (37, 7_785, 8_962),
        "edu_culture": (37, 8_027, 8_879), "public": (28, 8_070, 8_879), "all": (567, 1_638, 7_471),
    },
    "tsinghua": {
        "catering": (56, 8_253, 11_574), "household": (0, 0, 0), "medical": (4, 1_289, 9_064),
        "elderly": (0, 0, 0), "shopping": (14, 4_716, 11_554), "repair": (0, 0, 0),
        "personal": (9, 2_831, 10_265), "post_fin": (41, 5_421, 11_202),
        "edu_culture": (27, 5_377, 11_510), "public": (7, 3_111, 10_997), "all": (158, 0, 7_919),
    },
    "bincheng": {
        "catering": (55, 5_998, 8_000), "household": (5, 2_640, 7_560),
        "medical": (14, 4_252, 7_384), "elderly": (5, 1_448, 7_544),
        "shopping": (59, 6_132, 8_000), "repair": (7, 928, 7_800), "personal": (23, 5_708, 7_760),
        "post_fin": (21, 5_460, 7_670), "edu_culture": (26, 3_472, 8_000),
        "public": (9, 1_558, 7_740), "all": (224, 0, 7_158),
    },
}  # fmt: skip
"""By the rules before: points by category, and households covered at 5 and 15 minutes."""


def path_of(name: str) -> Path | None:
    """Return the OpenStreetMap file of a place; None for what is made up."""
    beside = Path(__file__).resolve().parents[2]
    return {"helsinki": helsinki_path(), "tsinghua": beside / TSINGHUA}.get(name)


def read(name: str) -> Layers:
    """Return the metric layers of a place."""
    path = path_of(name)
    if path is None:
        district, layers = bincheng()
    else:
        district, layers, _ = read_osm(path, code=name, standard=STANDARD)
    return layers.to_metric(district.epsg)


def covered(layers: Layers) -> dict[str, list[int]]:
    """Return the households covered at each of :data:`MINUTES`, by category and of all judged."""
    ids = [category.id for category in STANDARD.categories]
    walker = next(each for each in STANDARD.profiles if each.id == WALKER)
    times = nearest_times(snap_layers(layers, compile_network(layers, walker), ids))
    households = layers.buildings["households"].to_numpy()
    found: dict[str, list[int]] = {each: [] for each in (*ids, "all")}
    for minutes in MINUTES:
        within = times.covered(minutes)
        for column, each in enumerate(ids):
            found[each].append(int(households[within[:, column]].sum()))
        found["all"].append(int(households[within[:, times.judged].all(axis=1)].sum()))
    return found


def tags_of(path: Path, wanted: set[str]) -> dict[str, str]:
    """Return the tags of objects named as ``node/1``, without addresses and names of tongues."""
    kinds = {"n": "node", "w": "way", "r": "relation"}
    found = {}
    for item in osmium.FileProcessor(str(path)):
        name = f"{kinds[item.type_str()]}/{item.id}"
        if name in wanted:
            skip = ("addr:", "name:", "contact:", "source", "website", "opening_hours", "phone")
            told = (f"{k}={v}" for k, v in dict(item.tags).items() if not k.startswith(skip))
            found[name] = ", ".join(told)
    return found


def print_place(name: str) -> None:
    """Print points by kind, the coverage before and after, and what was drawn."""
    layers = read(name)
    points, households = layers.service_points, int(layers.buildings["households"].sum())
    counted = Counter(zip(points["category"], points["sub"], strict=True))
    reached, before = covered(layers), BEFORE.get(name, {})
    print(f"\n## {name}: {len(points):,} points, {households:,} households\n")
    print("| category | points | 5 min | 15 min | before: points | 5 min | 15 min | kinds |")
    print("|---|---|---|---|---|---|---|---|")
    groups = [group.id for group in getattr(STANDARD, "groups", STANDARD.categories)]
    for group in [*groups, *(each for each in before if each not in [*groups, "all"]), "all"]:
        kinds = sorted((-n, kind) for (of, kind), n in counted.items() if of == group)
        told = ", ".join(f"{kind or '?'} {-n}" for n, kind in kinds)
        was = [f"{figure:,}" for figure in before.get(group, [])] or ["", "", ""]
        now = [f"{figure:,}" for figure in reached.get(group, [])] or ["", ""]
        count = f"{-sum(n for n, _ in kinds):,}" if kinds else ""
        print(f"| {' | '.join([group, count, *now, *was, told])} |")
    draw(name, layers, groups)


def draw(name: str, layers: Layers, groups: list[str]) -> None:
    """Print five points of each group with what the source says of them."""
    rng, points, path = np.random.default_rng(SEED), layers.service_points, path_of(name)
    chosen = []
    for group in groups:
        rows = np.flatnonzero((points["category"] == group).to_numpy())
        chosen += sorted(rng.choice(rows, min(DRAWN, len(rows)), replace=False).tolist())
    drawn = points.iloc[chosen]
    tags = {} if path is None else tags_of(path, set(drawn["point_id"]))
    print("\n| category | kind | point | what the source says |\n|---|---|---|---|")
    for row in drawn.itertuples():
        told = tags.get(row.point_id, row.name)
        print(f"| {row.category} | {row.sub} | {row.point_id} | {told} |")


if __name__ == "__main__":
    for place in sys.argv[1:] or ("helsinki", "tsinghua", "bincheng"):
        print_place(place)
