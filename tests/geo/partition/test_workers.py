"""Beats hold whole small grids."""

import numpy as np

from geo.partition.workers import beats_of_whole_grids


def test_ground_goes_with_those_who_live_in_its_grid():
    beat = np.array([1, 2, -1, 4, 3, -1])
    small = np.array([7, 7, 7, 8, 8, 9])
    households = np.array([10, 0, 0, 0, 0, 0])
    assert beats_of_whole_grids(beat, small, households).tolist() == [1, 1, 1, 3, 3, -1]
