"""Files as offices hand them over come in right or are refused by name, never silently wrong."""

from functools import partial

import numpy as np
import pytest

from boundaries.readers.vector import read_layer
from geo.crs import project_points
from geo.errors import InputError
from tests.boundaries.imports import office_files as office
from tests.boundaries.imports.office_maps import maps
from tests.boundaries.imports.office_workbooks import workbooks

FILES = [*office.office_files(), *workbooks(), *maps()]


@pytest.mark.parametrize("file", FILES, ids=[file.name for file in FILES])
def test_a_file_of_an_office_is_right_or_refused(file, tmp_path):
    path = file.write(tmp_path)
    read = partial(read_layer, path, "buildings", district=office.DISTRICT, known=office.LAYERS)
    if file.refused:
        with pytest.raises(InputError) as refused:
            read(**file.options)
        assert refused.value.message.code in file.refused
        return
    frame, report = read(**file.options)
    assert sorted(frame["name"]) == sorted(file.names)
    assert frame["households"].sum() == office.HOUSEHOLDS.sum()
    frame = frame.set_index("name").loc[list(file.names)]
    was = project_points(office.LON, office.LAT, 4548)
    now = project_points(frame["lon"], frame["lat"], 4548)
    assert np.hypot(*(was - now).T).max() < 0.1
    assert report.left_out == file.left_out
    assert report.read == office.N + file.left_out
    assert [each.sure for each in report.understood if each.aspect == "frame"]


def test_there_are_enough_of_them():
    assert len(FILES) >= 120
    assert len({file.name for file in FILES}) == len(FILES)
