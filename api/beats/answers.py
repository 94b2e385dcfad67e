"""The beats of a district as features and as a roster."""

import geopandas as gpd
import pandas as pd

from api.formats.aliases import Json
from api.formats.json import collection, features, number, records
from api.snapshot.district import Snapshot
from api.snapshot.provenance import provenance_of
from geo.crs import STORED_EPSG
from geo.staffing.beats import Beats, widest_places
from geo.staffing.completeness import Met

_IN_BAND = (Met.LIGHT, Met.MET, Met.HEAVY)


def beats_body(snapshot: Snapshot) -> Json:
    """Return beats as a FeatureCollection with totals and the grids without a worker."""
    result = snapshot.beats
    places = widest_places(result.table).to_crs(STORED_EPSG)
    rows = pd.DataFrame(result.table.drop(columns="geometry")).assign(
        lon=places.x.round(7).to_numpy(), lat=places.y.round(7).to_numpy()
    )
    shapes: gpd.GeoDataFrame = result.table.to_crs(STORED_EPSG)
    drawn = features(shapes, rows, ids=list(rows["worker_code"]))
    about = {**provenance_of(snapshot), **_headline(result)}
    buildings, households = snapshot.outside()
    about["outside"] = {"buildings": buildings, "households": households}
    return collection(drawn, about)


def _headline(beats: Beats) -> Json:
    counts = beats.table["status"].value_counts()
    return {
        "aim": beats.aim,
        "low": number(beats.low),
        "high": number(beats.high),
        "workers": len(beats.table),
        "households": int(beats.table["households"].sum()),
        **{str(status): int(counts.get(status, 0)) for status in _IN_BAND},
        "unassigned": {
            "grids": len(beats.unassigned),
            "households": int(beats.unassigned["households"].sum()),
            "named": records(beats.unassigned),
        },
    }


def roster(snapshot: Snapshot) -> pd.DataFrame:
    """Return one row per worker, then one per small grid with households and without a worker.

    Returns
    -------
    DataFrame
        `worker_code` (empty where there is none), `post_name`, `phone`, `large_codes` and
        `grid_codes` (separated by spaces), `grids`, `buildings`, `households`, `status`
        (``missing`` without a worker), `parts`, `origin` of the district.
    """
    result = snapshot.beats
    table = pd.DataFrame(result.table.drop(columns="geometry"))
    for name in ("large_codes", "grid_codes"):
        table[name] = table[name].str.join(" ")
    named = {"code": "grid_codes", "large_code": "large_codes"}
    nobody = result.unassigned.rename(columns=named).assign(
        worker_code="", post_name=None, phone=None, grids=1, parts=1, status=str(Met.MISSING)
    )
    table = pd.concat([table, nobody[table.columns]], ignore_index=True)
    return table.assign(origin=str(snapshot.district.origin))
