"""Report on a district's walk network: components, islands and repairs."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from api.formats.aliases import Json
from api.formats.json import records
from api.snapshot.district import Snapshot
from api.snapshot.provenance import meta
from boundaries.store.tables.records import ImportRecord
from geo.network.islands import island_report

SHOWN: Final = 100
"""Components that an answer lists, longest first."""


def network_answer(snapshot: Snapshot, imports: Sequence[ImportRecord], *, profile: str) -> Json:
    """Return the components of a profile's network with the buildings linked to each.

    Parameters
    ----------
    snapshot : Snapshot
    imports : sequence of ImportRecord
        Of the district, oldest first: the last one that brought walk edges tells what it mended.
    profile : str

    Raises
    ------
    ParameterError
        If the profile is unknown.
    EmptyError
        If the district has no buildings.
    """
    snapped = snapshot.snapped(profile)
    snapped.require_buildings()
    network = snapped.network
    links = snapped.buildings.take(snapped.entrances.one_each(snapped.buildings.linked))
    households = snapshot.layers.buildings["households"].to_numpy(np.int64)
    table = island_report(network, links, households)
    islands = table.iloc[1:]
    linked = int(table["households"].sum())
    return {
        **meta(snapshot, profile=profile),
        "nodes": len(network.node_id),
        "edges": len(network.edge_id),
        "walkable_m": round(float(network.component_m.sum()), 1),
        "components": len(table),
        "islands": {
            "walkable_m": round(float(islands["walkable_m"].sum()), 1),
            **{name: int(islands[name].sum()) for name in ("edges", "buildings", "households")},
            "share": int(islands["households"].sum()) / linked if linked else None,
        },
        "unlinked": {
            "buildings": int((~links.linked).sum()),
            "households": int(households[~links.linked].sum()),
        },
        "rows": records(table.round({"walkable_m": 1}).head(SHOWN)),
        "rows_cut": max(0, len(table) - SHOWN),
        "mended": _mended([each for each in imports if each.holds_at(snapshot.district.revision)]),
    }


def _mended(imports: Sequence[ImportRecord]) -> Json | None:
    """Return the repairs of the last import of walk edges; None if there were none."""
    for record in reversed(imports):
        account = record.report.layers.get("walk_edges")
        if account is not None:
            told = account.told()
            return {
                "source": record.report.source,
                "revision": record.revision,
                "repaired": told["repaired"],
                "notes": told["notes"],
                "named": told["named"],
            }
    return None
