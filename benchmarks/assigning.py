"""A million points to large, medium and small grid: `geo.grids.assign` against geopandas and
shapely.

Synthetic input: 4,900 grids of 81 vertices with shared crooked borders, in 49 mediums and 7 larges;
1,000,000 points, 1 % of them on sides and corners. All peers get their points ready made, which
spares geopandas and shapely 0.2 s. Answers are compared: where a peer names several grids, the
lowest code counts, as `assign` promises.

A second table puts 1,000,000 points on inner sides and corners, half of them moved by the least
step there is, and counts who is named twice or by nobody.

Run: ``python -m benchmarks.assigning``.
"""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from benchmarks.measuring import Table, medians
from geo.grids.assign import assign

EPSG = 4548
SIDE = 70  # grids along one side of the district
STEPS = 20  # pieces of each side of a grid
SIZE_M = 100.0
POINTS = 1_000_000


def crooked_line(rng: np.random.Generator, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return the vertices from a to b, b left out, 2 m to and fro."""
    at = a + (b - a) * np.linspace(0, 1, STEPS + 1)[:-1, None]
    at[1:] += rng.uniform(-1, 1, (STEPS - 1, 2))
    return at


def grids() -> gpd.GeoDataFrame:
    """Return the grid layer of a synthetic district."""
    rng = np.random.default_rng(1)
    node = np.stack(np.meshgrid(*[np.arange(SIDE + 1.0)] * 2, indexing="ij"), axis=-1) * SIZE_M
    node += rng.uniform(-15, 15, node.shape) + np.array([500_000.0, 4_138_000.0])
    n = SIDE + 1
    east = {
        (i, j): crooked_line(rng, node[i, j], node[i + 1, j]) for i in range(SIDE) for j in range(n)
    }
    north = {
        (i, j): crooked_line(rng, node[i, j], node[i, j + 1]) for i in range(n) for j in range(SIDE)
    }
    rows = []
    for i in range(SIDE):
        for j in range(SIDE):
            top = np.vstack([east[i, j + 1], node[i + 1, j + 1]])[:0:-1]
            left = np.vstack([north[i, j], node[i, j + 1]])[:0:-1]
            ring = np.vstack([east[i, j], north[i + 1, j], top, left])
            large, medium = f"{i // 10:03d}", f"{i // 10:03d}-{j // 10}"
            code = f"{medium}-{(i % 10) * 10 + j % 10:02d}"
            rows.append((code, "small", medium, large, shapely.Polygon(ring)))
    small = gpd.GeoDataFrame(
        rows, columns=["code", "level", "parent_code", "large", "geometry"], crs=EPSG
    )
    if not shapely.coverage_is_valid(small.geometry.to_numpy()):
        raise SystemExit("The synthetic grids overlap.")
    levels = [small]
    for level, column in (("medium", "parent_code"), ("large", "large")):
        union = small.dissolve(column, method="coverage").reset_index()
        parent = union["large"] if level == "medium" else None
        levels.append(union.assign(code=union[column], level=level, parent_code=parent))
    return pd.concat(levels, ignore_index=True)[["code", "level", "parent_code", "geometry"]]


def points(small: gpd.GeoDataFrame, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Return x and y of n points, 1 % of them on sides and corners of grids."""
    rng = np.random.default_rng(2)
    west, south, east, north = small.total_bounds
    x, y = rng.uniform([west, south], [east, north], (n, 2)).T.copy()
    at = shapely.get_coordinates(small.geometry)
    first = rng.integers(0, len(at) - 1, n // 100)
    share = rng.choice([0.0, 0.5], len(first))[:, None]
    x[: len(first)], y[: len(first)] = (at[first] + (at[first + 1] - at[first]) * share).T
    return x, y


def border_points(small: gpd.GeoDataFrame, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Return x and y of n points on, or the least step beside, sides and corners inside."""
    rng = np.random.default_rng(3)
    outline = shapely.boundary(shapely.coverage_union_all(small.geometry.to_numpy()))
    shapely.prepare(outline)
    at = shapely.get_coordinates(small.geometry)
    at = at[~shapely.dwithin(outline, shapely.points(at), 5.0)]
    first = rng.integers(0, len(at) - 1, 4 * n)
    short = np.hypot(*(at[first + 1] - at[first]).T) < 3 * SIZE_M / STEPS  # not across a gap
    first = first[short][:n]
    share = rng.choice([0.0, 0.5, *rng.random(6)], n)[:, None]
    x, y = (at[first] + (at[first + 1] - at[first]) * share).T.copy()
    some = rng.random(n) < 0.5
    x[some] = np.nextafter(x[some], rng.choice([-np.inf, np.inf], int(some.sum())))
    return x, y


def fuzz(layer: gpd.GeoDataFrame, small: gpd.GeoDataFrame) -> Table:
    """Return who is named twice, by nobody, or by another grid when the grids are shuffled."""
    x, y = border_points(small, POINTS)
    own = assign(layer, x, y, nearest=False)["small"].fillna("").to_numpy(object)
    mixed = layer.sample(frac=1, random_state=4)
    again = assign(mixed, x, y, nearest=False)["small"].fillna("").to_numpy(object)
    frame = gpd.GeoDataFrame(geometry=shapely.points(x, y), crs=EPSG)
    table = Table(
        "A million points on borders: each in exactly one grid",
        f"{len(x):,} points on inner sides and corners, half of them moved by the least step.",
        ["who", "named twice", "named by nobody", "others when shuffled"],
    )
    lost, other = int((own == "").sum()), int((own != again).sum())
    table.rows.append(["ours", "0", str(lost), str(other)])
    for predicate in ("within", "intersects"):
        joined = gpd.sjoin(frame, small[["code", "geometry"]], predicate=predicate)
        named = np.bincount(joined.index.to_numpy(), minlength=len(x))
        twice, nobody = int((named > 1).sum()), int((named == 0).sum())
        table.rows.append([f"geopandas sjoin, {predicate}", str(twice), str(nobody), "-"])
    return table


def lowest(point: np.ndarray, code: np.ndarray, n: int) -> np.ndarray:
    """Return the lowest code named for each point, '' for none."""
    told = pd.notna(code)
    first = pd.Series(code[told]).groupby(point[told]).min()
    return first.reindex(range(n), fill_value="").to_numpy(dtype=object)


def tables() -> list[Table]:
    """Return the table."""
    layer = grids()
    small = layer[layer["level"] == "small"]
    x, y = points(small, POINTS)
    geometry = shapely.points(x, y)
    frame = gpd.GeoDataFrame(geometry=geometry, crs=EPSG)
    named = small.assign(medium=small["parent_code"], large=small["parent_code"].str[:3])
    codes = small["code"].to_numpy(dtype=object)

    def by_sjoin() -> pd.DataFrame:
        right = named[["code", "medium", "large", "geometry"]]
        return gpd.sjoin(frame, right, how="left", predicate="intersects")

    def by_tree() -> np.ndarray:
        return shapely.STRtree(small.geometry.to_numpy()).query(geometry, predicate="intersects")

    own = assign(layer, x, y, nearest=False)  # compiles on first use
    ours = own["small"].fillna("").to_numpy(dtype=object)
    joined, (point, grid) = by_sjoin(), by_tree()
    rows = joined.index.to_numpy(), joined["code"].to_numpy(dtype=object)
    answers = {
        "ours": ours,
        "geopandas sjoin": lowest(*rows, len(x)),
        "shapely STRtree": lowest(point, codes[grid], len(x)),
    }
    taken = medians(
        {
            "ours": lambda: assign(layer, x, y, nearest=False),
            "geopandas sjoin": by_sjoin,
            "shapely STRtree": by_tree,
        }
    )
    border = int((own["status"] == "on_border").sum())
    table = Table(
        "A million points to their large, medium and small grid",
        f"{len(x):,} points, {border:,} of them on borders; {len(small):,} synthetic small grids "
        "of 81 vertices. Where a peer names several grids the lowest code counts.",
        ["who", "seconds", "x", "other answers"],
    )
    for name, seconds in taken.items():
        differ = int((answers[name] != ours).sum())
        table.rows.append([name, f"{seconds:.3f}", f"{seconds / taken['ours']:.1f}", str(differ)])
    return [table, fuzz(layer, small)]


if __name__ == "__main__":
    print(*(table.markdown() for table in tables()), sep="\n")
