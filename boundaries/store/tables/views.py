"""Read-only views for QGIS and SQL with their QGIS styles, recreated with every schema version."""

from dataclasses import dataclass, field
from typing import Final

from boundaries.store.tables.geometry_type import PROMOTED
from geo.model.layer_columns import COLUMNS

STYLES: Final = "layer_styles"
"""Table of QGIS for styles; users may add theirs."""

FID: Final = "fid"
"""Column of a view that identifies rows in QGIS."""


@dataclass(frozen=True, slots=True)
class View:
    """One view.

    Attributes
    ----------
    name : str
    about : str
        What its rows are.
    query : str
        SQL; ``{fid}`` is the name of the column that tells rows apart, ``{what}`` the text of the
        log in words (:func:`boundaries.store.rows.message_text.message_as_text`).
    columns : dict of str to str
        What a column says, where its name does not.
    kind : str
        Type of its geometry, empty where it has none.
    style : str
        Column by which QGIS colours it, 0..1; empty where it does not.
    """

    name: str
    about: str
    query: str
    columns: dict[str, str] = field(default_factory=dict)
    kind: str = ""
    style: str = ""


IS_MESSAGE: Final = """substr(changes.what, 1, 8) = '{"code":'"""
"""Whether a text of the log is a message as JSON."""

_NEWEST: Final = """(
    SELECT district, max(fid) AS fid FROM runs WHERE kind = 'coverage' GROUP BY district
  ) newest"""


def _columns(layer: str, table: str) -> str:
    columns = COLUMNS[layer].values()
    return ", ".join(f"{table}.{column.name}" for column in columns if not column.derived)


VIEWS: Final = (
    View(
        "v_grid_coverage",
        "Grids with the coverage of all categories, by the newest run that is stored.",
        f"""SELECT grids.fid AS {{fid}}, grids.district, grids.code, grids.level, grids.parent_code,
  grids.name_zh, grids.name_en, own.households, own.covered, own.coverage,
  worst.category AS worst_category, worst.coverage AS worst_coverage,
  runs.run, runs.at, runs.revision, districts.revision AS district_revision, grids.geom
FROM grids JOIN districts ON districts.code = grids.district
  LEFT JOIN {_NEWEST} ON newest.district = grids.district
  LEFT JOIN runs ON runs.fid = newest.fid
  LEFT JOIN grid_coverage own
    ON own.run = runs.run AND own.code = grids.code AND own.category = 'all'
  LEFT JOIN grid_coverage worst ON worst.fid = (SELECT part.fid FROM grid_coverage part
    WHERE part.run = own.run AND part.code = own.code AND part.category <> 'all'
      AND part.coverage IS NOT NULL ORDER BY part.coverage, part.category LIMIT 1)""",  # noqa: S608 (our words)
        {
            "coverage": "Share of households that reach every category, 0 to 1.",
            "covered": "Households that reach every category.",
            "worst_category": "The category that the fewest reach.",
            "worst_coverage": "Share of households that reach that category, 0 to 1.",
            "revision": "Of the district, when the run was made.",
            "district_revision": "Of the district, now; the run is out of date where it is higher.",
        },
        kind=PROMOTED,
        style="coverage",
    ),
    View(
        "v_gaps",
        "Per grid and category, the households that do not reach it, by the newest stored run.",
        f"""SELECT own.fid AS {{fid}}, grids.district, grids.code, grids.level, grids.name_zh,
  grids.name_en, own.category, CAST(own.households - own.covered AS BIGINT) AS households_without,
  own.households, own.coverage, runs.run, runs.at, grids.geom
FROM {_NEWEST} JOIN runs ON runs.fid = newest.fid JOIN grid_coverage own ON own.run = runs.run
  JOIN grids ON grids.district = runs.district AND grids.code = own.code
WHERE own.category <> 'all' AND own.covered < own.households""",  # noqa: S608 (our words)
        {
            "households_without": "Households that do not reach the category.",
            "coverage": "Share of households that reach the category, 0 to 1.",
        },
        kind=PROMOTED,
        style="coverage",
    ),
    View(
        "v_service_points",
        "Service points with the names of their district.",
        f"""SELECT points.fid AS {{fid}}, points.district, districts.name_zh AS district_name_zh,
  districts.name_en AS district_name_en, {_columns("service_points", "points")},
  points.since, points.valid_from, points.geom
FROM service_points points JOIN districts ON districts.code = points.district""",  # noqa: S608 (our words)
        {
            "since": "Revision that made the point what it is.",
            "valid_from": "Day since which it is so.",
        },
        kind="POINT",
    ),
    View(
        "v_organisations",
        "Organisations with the grids that they belong to or serve; counts, never persons.",
        f"""SELECT own.fid AS {{fid}}, own.district, {_columns("organisations", "own")},
  grids.level, grids.name_zh AS grid_name_zh, grids.name_en AS grid_name_en,
  own.since, own.valid_from, grids.geom
FROM organisations own
  LEFT JOIN grids ON grids.district = own.district AND grids.code = own.grid_code""",  # noqa: S608 (our words)
        {"geom": "Of the grid; the place itself, where it is known, is lon and lat."},
        kind=PROMOTED,
    ),
    View(
        "v_changes",
        "The log: what made each revision of each district, when and by whom.",
        """SELECT changes.fid AS {fid}, changes.district, districts.name_zh AS district_name_zh,
  changes.revision, changes.at, changes.valid_from, changes.actor, {what} AS what, changes.counts
FROM changes LEFT JOIN districts ON districts.code = changes.district""",
        {
            "at": "When it was committed, UTC.",
            "what": "What was done, in Chinese and English.",
            "counts": "JSON: per layer, rows added, changed and removed.",
        },
    ),
)
STYLE_NAME: Final = "Lifecircle"
_COLOURS: Final = ("215,48,39", "252,141,89", "254,224,139", "145,207,96", "26,152,80")
_BOUNDS: Final = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)


def qml(view: View) -> str:
    """Return the style of a view as QGIS reads it: five classes from red (0) to green (1)."""
    ranges, symbols = [], []
    for i, colour in enumerate(_COLOURS):
        low, high = _BOUNDS[i], _BOUNDS[i + 1]
        label = f"{100 * low:.0f} - {100 * high:.0f} %"
        ranges.append(
            f'<range lower="{low}" upper="{high}" symbol="{i}" label="{label}" render="true"/>'
        )
        symbols.append(
            f'<symbol type="fill" name="{i}" alpha="0.7" clip_to_extent="1">'
            '<layer class="SimpleFill" enabled="1" pass="0" locked="0"><Option type="Map">'
            f'<Option type="QString" name="color" value="{colour},255"/>'
            '<Option type="QString" name="outline_color" value="80,80,80,255"/>'
            '<Option type="QString" name="outline_width" value="0.2"/>'
            '<Option type="QString" name="style" value="solid"/></Option></layer></symbol>'
        )
    return (
        "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>"
        '<qgis version="3.22.0" styleCategories="Symbology">'
        f'<renderer-v2 type="graduatedSymbol" attr="{view.style}" graduatedMethod="GraduatedColor" '
        'enableorderby="0" forceraster="0" symbollevels="0">'
        f"<ranges>{''.join(ranges)}</ranges><symbols>{''.join(symbols)}</symbols>"
        "</renderer-v2><layerGeometryType>2</layerGeometryType></qgis>"
    )
