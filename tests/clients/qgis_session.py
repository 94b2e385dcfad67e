"""What a person does in QGIS, step by step; run by the Python that QGIS belongs to.

Prints one JSON object: per step an empty text, or what QGIS shows for a refused save; under
``kinds`` the type that QGIS gives each layer.
"""

import json
import os
import sys

os.environ["QT_QPA_PLATFORM"] = "offscreen"

from qgis.core import (
    QgsApplication,
    QgsFeature,
    QgsGeometry,
    QgsProviderRegistry,
    QgsVectorLayer,
    QgsWkbTypes,
)

LARGE = "371602001001"
WEST, EAST = LARGE + "1", LARGE + "2"
SQUARE = "POLYGON((118 37.38,118.001 37.38,118.001 37.381,118 37.381,118 37.38))"
BOWTIE = "POLYGON((118 37.38,118.001 37.381,118.001 37.38,118 37.381,118 37.38))"
CIRCLE = (
    "CURVEPOLYGON(CIRCULARSTRING(118 37.38,118.001 37.381,118.002 37.38,118.001 37.379,118 37.38))"
)
MIXED = {"buildings": "Polygon", "barriers": "LineString"}
"""Layers of several kinds, which QGIS lists once for each, and the kind that a person picks."""

LAYERS = ("districts", "grids", "buildings", "barriers", "gates", "service_points", "walk_edges",
          "workers")  # fmt: skip


class Session:
    """Layers of one store as QGIS opens them, and what became of each save."""

    def __init__(self, address):
        self.address = address
        self.told = {}

    def layer(self, name):
        """Open a layer of a file or of a server."""
        if self.address.endswith(".gpkg"):
            layer = QgsVectorLayer(f"{self.address}|layername={name}", name, "ogr")
        else:
            shape = "" if name == "workers" else " (geom)"
            kind = f"srid=4326 type={MIXED[name]}" if name in MIXED else ""
            where = f"{self.address} key='fid' {kind} "
            where += f'table="public"."{name}"{shape}'
            layer = QgsVectorLayer(where, name, "postgres")
        assert layer.isValid(), name
        return layer

    def save(self, what, layer):
        """Save the edits of a layer, and note what QGIS says."""
        done = layer.commitChanges()
        self.told[what] = "" if done else " ".join(layer.commitErrors())
        if not done:
            layer.rollBack()

    def delete(self, what, name, where):
        """Delete the features that a condition names."""
        layer = self.layer(name)
        layer.startEditing()
        layer.deleteFeatures([feature.id() for feature in layer.getFeatures(where)])
        self.save(what, layer)

    def change(self, what, name, where, **values):
        """Change values of the features that a condition names."""
        layer = self.layer(name)
        layer.startEditing()
        for feature in layer.getFeatures(where):
            for column, value in values.items():
                place = layer.fields().indexOf(column)
                layer.changeAttributeValue(feature.id(), place, value)
        self.save(what, layer)

    def add(self, what, name, text, **values):
        """Add a feature; what is not given stays empty."""
        layer = self.layer(name)
        feature = QgsFeature(layer.fields())
        if text:
            feature.setGeometry(QgsGeometry.fromWkt(text))
        for column, value in values.items():
            feature[column] = value
        layer.startEditing()
        layer.addFeature(feature)
        self.save(what, layer)


def work(session):
    """Do what a person may do, well and badly."""
    small = {"district": "371602", "level": "small", "parent_code": WEST}
    session.delete("a large grid", "grids", f"code = '{LARGE}'")
    session.delete("a small grid with a worker", "grids", f"code = '{WEST}01'")
    session.change("a new code", "grids", f"code = '{WEST}02'", code=f"{WEST}77")
    session.change("a new code of a medium grid", "grids", f"code = '{WEST}'", code=LARGE + "7")
    session.change("a level", "grids", f"code = '{EAST}01'", level="medium", parent_code=LARGE)
    session.change("no level", "grids", f"code = '{EAST}01'", level="tiny")
    session.add("no parent", "grids", SQUARE, **{**small, "code": "X", "parent_code": "Y"})
    session.add("a polygon", "grids", SQUARE, **{**small, "code": f"{WEST}50"})
    session.add("a curve", "grids", CIRCLE, **{**small, "code": f"{WEST}51"})
    session.add("a bow-tie", "grids", BOWTIE, **{**small, "code": f"{WEST}52"})
    session.add("no shape", "grids", None, **{**small, "code": f"{WEST}53"})
    session.add("a code twice", "grids", SQUARE, **{**small, "code": f"{WEST}50"})
    session.add("no district", "grids", SQUARE, **{**small, "code": f"{WEST}54", "district": "Q"})
    session.add("a gate", "gates", "POINT(118.001 37.381)", district="371602", gate_id="q",
                access="open")  # fmt: skip
    session.add("a wrong gate", "gates", "POINT(118.001 37.381)", district="371602", gate_id="r",
                access="maybe")  # fmt: skip
    session.add("a worker of no grid", "workers", None, district="371602", worker_code="W",
                grid_code="Q")  # fmt: skip
    session.delete("a building", "buildings", "building_id = 'b1'")
    session.change("fewer than none", "buildings", "building_id = 'b2'", households=-3)
    session.change("another district", "districts", "code = '371602'", code="Q")


def main():
    """Run one session, or delete the district."""
    address, *more = sys.argv[1:]
    application = QgsApplication([], False)  # noqa: FBT003 - of QGIS
    application.initQgis()
    assert QgsProviderRegistry.instance().providerMetadata("ogr")
    session = Session(address)
    kinds = {name: QgsWkbTypes.displayString(session.layer(name).wkbType()) for name in LAYERS}
    if more:
        session.delete("the district", "districts", "code = '371602'")
    else:
        work(session)
    print("\n" + json.dumps({"kinds": kinds, "told": session.told}))  # noqa: T201 - to the test


main()
