"""Parks, institutions, works and fields of an extract."""

import pytest

from boundaries.readers.osm import read_osm
from boundaries.standards.catalogue import load_standard
from tests.boundaries.readers.osm.osm_scene import write_scene

STREET = (1, [1, 2], {"highway": "residential"})


def grounds(tmp_path, tags, side_m):
    corners = {1: (-20, -20), 2: (600, -20), 3: (0, 0), 4: (side_m, 0), 5: (side_m, side_m)}
    nodes = {**corners, 6: (0, side_m)}
    path = write_scene(tmp_path / "s.osm", nodes, [STREET, (7, [3, 4, 5, 6, 3], tags)])
    _, layers, report = read_osm(path, code="371602", standard=load_standard())
    return layers.open_grounds, report.layer("open_grounds")


@pytest.mark.parametrize(
    ("tags", "kind"),
    [
        ({"leisure": "park", "name": "人民公园"}, "park"),
        ({"amenity": "university"}, "institution"),
        ({"landuse": "industrial"}, "works"),
        ({"landuse": "farmland"}, "field"),
        ({"natural": "scrub"}, "field"),
    ],
)
def test_ground_of_five_hectares_is_read(tmp_path, tags, kind):
    frame, account = grounds(tmp_path, tags, 225)
    assert frame[["ground_id", "kind", "name"]].to_numpy().tolist() == [
        ["way/7", kind, tags.get("name", "")]
    ]
    assert (account.read, account.accepted) == (1, 1)


def test_smaller_ground_is_left_out_and_counted(tmp_path):
    frame, account = grounds(tmp_path, {"leisure": "park"}, 222)
    assert len(frame) == 0
    assert (account.read, account.accepted) == (1, 0)


@pytest.mark.parametrize(
    ("more", "side_m", "read"),
    [({"name": "东园"}, 45, 1), ({"barrier": "fence"}, 45, 1), ({"name": "东园"}, 44, 0)],
)
def test_a_compound_has_a_name_or_a_fence_and_2000_m2(tmp_path, more, side_m, read):
    frame, _ = grounds(tmp_path, {"landuse": "residential", **more}, side_m)
    assert frame["kind"].tolist() == ["compound"] * read


def test_where_people_live_is_no_open_ground(tmp_path):
    frame, account = grounds(tmp_path, {"landuse": "residential"}, 400)
    assert (len(frame), account.read) == (0, 0)
