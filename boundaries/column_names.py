"""What columns are called where a message names them: in Chinese, and as the file has them."""

from typing import Final

from geo.messages import Message

COLUMN_NAMES: Final = {
    "code": Message("column_names.code"),
    "level": Message("column_names.level"),
    "parent_code": Message("column_names.parent_code"),
    "name_zh": Message("column_names.name_zh"),
    "name_en": Message("column_names.name_en"),
    "origin": Message("column_names.origin"),
    "building_id": Message("column_names.building_id"),
    "name": Message("column_names.name"),
    "community": Message("column_names.community"),
    "compound": Message("column_names.compound"),
    "building": Message("column_names.building"),
    "unit": Message("column_names.unit"),
    "room": Message("column_names.room"),
    "household": Message("column_names.household"),
    "address": Message("column_names.address"),
    "street": Message("column_names.street"),
    "use": Message("column_names.use"),
    "households": Message("column_names.households"),
    "residents": Message("column_names.residents"),
    "residents_60plus": Message("column_names.residents_60plus"),
    "residents_under15": Message("column_names.residents_under15"),
    "levels": Message("column_names.levels"),
    "lift": Message("column_names.lift"),
    "households_source": Message("column_names.households_source"),
    "lon": Message("column_names.lon"),
    "lat": Message("column_names.lat"),
    "point_id": Message("column_names.point_id"),
    "category": Message("column_names.category"),
    "sub": Message("column_names.sub"),
    "capacity": Message("column_names.capacity"),
    "fee_class": Message("column_names.fee_class"),
    "items": Message("column_names.items"),
    "brand": Message("column_names.brand"),
    "member": Message("column_names.member"),
    "opening_hours": Message("column_names.opening_hours"),
    "phone": Message("column_names.phone"),
    "floor_area_m2": Message("column_names.floor_area_m2"),
    "scope": Message("column_names.scope"),
    "operator": Message("column_names.operator"),
    "ground_id": Message("column_names.ground_id"),
    "link_id": Message("column_names.link_id"),
    "role": Message("column_names.role"),
    "kind": Message("column_names.kind"),
    "grid_code": Message("column_names.grid_code"),
    "worker_code": Message("column_names.worker_code"),
    "post_name": Message("column_names.post_name"),
    "members": Message("column_names.members"),
    "agreed_on": Message("column_names.agreed_on"),
    "agreement": Message("column_names.agreement"),
    "edge_id": Message("column_names.edge_id"),
    "private": Message("column_names.private"),
    "bridge": Message("column_names.bridge"),
    "tunnel": Message("column_names.tunnel"),
    "lanes": Message("column_names.lanes"),
    "one_way": Message("column_names.one_way"),
    "access": Message("column_names.access"),
    "steps": Message("column_names.steps"),
    "gate": Message("column_names.gate"),
    "entrance_id": Message("column_names.entrance_id"),
    "point": Message("column_names.point"),
    "x": Message("column_names.x"),
    "y": Message("column_names.y"),
    "x2": Message("column_names.x2"),
    "y2": Message("column_names.y2"),
    "h": Message("column_names.h"),
    "h2": Message("column_names.h2"),
}
"""By column of the layers that files bring."""


def column_in_file(column: str, theirs: str | None = None) -> Message:
    """Return how a message names a column: what it is called, and its name in the file.

    Examples
    --------
    >>> column_in_file("households", "户数").text("en"), column_in_file("households").text("zh")
    ('households (户数)', '户数（households）')
    """
    return Message("reading.column", {"names": [COLUMN_NAMES[column], theirs or column]})
