"""Atoms: which houses are one, which neighbours hold together, and where slivers go."""

import numpy as np
import pytest
import shapely

from geo.geometry.polygonize import cut
from geo.partition.atoms.atoms import NECK_M, _host_faces, make_atoms
from geo.partition.atoms.cut_lines import STREET_KINDS, bounding_lines
from tests.geo.partition.partition_scene import atoms_of, box, neighbourhood


@pytest.mark.parametrize(("neck_m", "pairs"), [(1.99, []), (2.01, [[0, 1]])])
def test_two_blocks_are_neighbours_over_a_border_of_two_metres(neck_m, pairs):
    assert NECK_M == 2
    layers = neighbourhood(
        [(10, 10), (30, -10)], [10, 10], streets=[("residential", [(20, -30), (20, 30)])]
    )
    boundary = box(0, 0, 20, 20).union(box(20, -20 + neck_m, 40, neck_m))
    atoms = atoms_of(boundary, layers)
    assert atoms.pairs.tolist() == pairs


@pytest.mark.parametrize(("shared_m2", "one"), [(0.09, False), (0.11, True)])
def test_houses_that_overlap_by_more_than_a_tenth_of_a_square_metre_are_one(shared_m2, one):
    """Squares of 10 m by 10 m, side by side, overlapping by a strip 10 m long."""
    layers = neighbourhood([(10, 10), (20 - shared_m2 / 10, 10)], [10, 10])
    atoms = atoms_of(box(0, 0, 30, 20), layers)
    assert (atoms.of_building[0] == atoms.of_building[1]) == one
    assert atoms.households.tolist() == ([20] if one else [10, 10])


@pytest.mark.parametrize(("wide_mm", "atoms"), [(19.5, 1), (20.5, 2)])
def test_a_sliver_of_two_centimetres_beside_a_kept_grid_goes_with_it(wide_mm, atoms):
    """Its area is a hundredth of its outline; a wider one is a piece of ground of its own."""
    layers = neighbourhood([(10, 20)], [10])
    lines = bounding_lines(layers, [box(0, 0, 20, 40)], kinds=STREET_KINDS)
    boundary = box(0, 0, 20 + wide_mm / 1000, 40)
    got = make_atoms(boundary, layers, lines, reach_m=0.0)
    assert len(got.households) == atoms
    assert shapely.area(got.pieces).sum() == pytest.approx(boundary.area, abs=0.01)


def test_a_building_in_a_street_goes_with_the_one_that_it_overlaps():
    # The street is bent around the first; its border with the ground in the south is the longer.
    own = shapely.box(-5, -5, 5, 5)
    streets = [shapely.LineString([(sign * 60, 3), (sign * 5, 3)]) for sign in (-1, 1)]
    faces = cut(shapely.box(-60, -60, 60, 60), [np.array([*streets, own.exterior])])
    footprints = np.array([own, shapely.box(-5, 4.9, 5, 15)])
    inside = shapely.centroid(footprints)
    face = shapely.STRtree(faces.shapes).query(inside, predicate="within")[1]
    pairs = np.array([[0, 1]])
    hosts = [
        _host_faces(faces, face, footprints, each)[face].tolist() for each in (pairs, pairs[:0])
    ]
    assert hosts[0] == [face[1], face[1]]
    assert hosts[1] == [3 - face.sum(), face[1]]
