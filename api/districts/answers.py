"""Answers about districts."""

from api.districts.schemas import Counts
from api.formats.aliases import Json
from api.formats.json import geometries
from api.snapshot.district import Snapshot, rounded_box
from api.snapshot.provenance import provenance, set_aside_note
from api.standards.answers import standard_detail
from boundaries.readers.organisations import stored_organisations
from boundaries.standards.organisation_roles import load_hub_rule, load_roles
from boundaries.store.rows.summary import Summary
from geo.staffing.organisations import Role, in_their_grids, organisations_of


def summary_row(summary: Summary) -> Json:
    """Return a district as it stands in the list of districts."""
    district = summary.district
    about = provenance(district)
    about.pop("code_version")
    return {
        "code": about.pop("district"),
        "name_zh": district.name_zh,
        "name_en": district.name_en,
        **about,
        "bbox": rounded_box(summary.extent),
        "epsg": district.epsg,
        "counts": {name: summary.counts[name] for name in Counts.model_fields},
    }


def district_detail(snapshot: Snapshot) -> Json:
    """Return the summary, the boundary, the standard, and how public services meet their rule."""
    boundary = geometries([snapshot.district.boundary])[0]
    return {
        **summary_row(snapshot.summary),
        "boundary": boundary,
        "standard": standard_detail(snapshot.standard),
        "windows": windows(snapshot),
        **set_aside_note(snapshot),
    }


def windows(snapshot: Snapshot) -> Json:
    """Return how many communities have the one-stop window that each should have.

    A window is a service point, or an organisation of a grid.
    """
    points, grids = snapshot.metric.service_points, snapshot.metric.grids
    rule = [role for role in load_roles() if role.id == "window"]
    others: list[Role] = [role for role in load_roles() if role not in rule]
    others += load_hub_rule().roles
    stored = stored_organisations(snapshot.layers.organisations).in_grid
    placed = (
        organisations_of(points, grids, rule, others=others).placed,
        in_their_grids(stored, grids, rule).placed,
    )
    met = {code for frame in placed for code in frame["grid_code"]}
    wanted = int((grids["level"] == rule[0].level).sum())
    return {"level": str(rule[0].level), "grids": wanted, "met": len(met)}
