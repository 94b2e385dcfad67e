"""Every constant of `geo` and `boundaries` that decides something, and the test that holds it.

A constant is listed if it is a module's own and a fraction, or if its name says that it is a
length, a time, an area, a share or a limit. It has a test just inside and just outside of it, or a
reason why it needs none.
"""

import ast
import re
from pathlib import Path

import pytest

import boundaries
import geo

ROOT = Path(geo.__file__).parents[1]
LIMIT = re.compile(r"_(M|M2|S|KM|SHARE)$|MOST|LEAST|LONGEST|SHORTEST|FEWEST")

ACCESS = "tests/geo/accessibility/"
CUT = "tests/geo/network/prepare/test_cut_at_barriers.py::"
EDITS = "tests/geo/scenario/test_resolve_edits.py::"
OSM_ENTRANCES = "tests/boundaries/readers/osm/test_entrances.py::"
HELD = {
    "geo.partition.atoms.territories.OWN_GROUND_M2": (
        "tests/boundaries/readers/osm/layers/test_open_grounds.py::"
        "test_smaller_ground_is_left_out_and_counted"
    ),
    "geo.accessibility.floors.MOST_STOREYS": (
        ACCESS + "test_floors.py::test_whole_households_that_sum_to_the_building"
    ),
    "geo.network.prepare.heal.ONE_PLACE_M": (
        "tests/geo/network/prepare/test_heal.py::"
        "test_a_street_is_joined_only_to_what_lies_at_the_same_place"
    ),
    "geo.network.wide_roads._MEDIAN_M": (
        "tests/geo/network/test_wide_roads.py::test_two_one_way_streets_of_one_name_are_a_dual_road"
    ),
    "geo.geometry.polygonize.ON_BOUNDARY_M": (
        "tests/geo/geometry/test_polygonize.py::test_what_lies_a_centimetre_off_the_boundary_lies_on_it"
    ),
    "geo.partition.atoms.reach.REACH_MOST_M": (
        "tests/geo/partition/test_reach.py::test_a_reach_that_cannot_be_one_is_refused"
    ),
    "boundaries.readers.osm.layers.open_grounds.COMPOUND_LEAST_M2": (
        "tests/boundaries/readers/osm/layers/test_open_grounds.py::"
        "test_a_compound_has_a_name_or_a_fence_and_2000_m2"
    ),
    "geo.partition.atoms.band.MOST": (
        "tests/geo/partition/test_pipeline.py::test_what_cannot_be_drawn_is_refused"
    ),
    "boundaries.readers.attributes._MOST": (
        "tests/boundaries/readers/test_vector.py::test_a_count_is_a_whole_number_up_to_a_billion"
    ),
    "boundaries.readers.tables.persons._MOST_MOBILE": (
        "tests/boundaries/readers/tables/test_persons.py::test_columns_of_persons_are_dropped_and_named"
    ),
    "boundaries.readers.shapes.FAR_M": (
        "tests/boundaries/readers/test_vector.py::"
        "test_a_place_farther_than_anybody_walks_is_rejected"
    ),
    "boundaries.readers.osm.layers.entrances.APART_M": (
        OSM_ENTRANCES + "test_free_places_are_15_m_apart"
    ),
    "boundaries.readers.osm.layers.entrances.AT_BARRIER_M": (
        OSM_ENTRANCES + "test_no_place_is_free_within_half_a_metre_of_a_fence"
    ),
    "boundaries.readers.osm.layers.entrances.AT_GATE_M": (
        OSM_ENTRANCES + "test_a_gate_5_m_from_an_outline_leads_into_it"
    ),
    "boundaries.readers.osm.layers.entrances.BESIDE_M": (
        OSM_ENTRANCES + "test_a_street_beside_an_open_area_gives_a_place_up_to_20_m"
    ),
    "boundaries.readers.osm.layers.entrances.MOST": (
        OSM_ENTRANCES + "test_free_places_of_a_large_outline_are_bounded"
    ),
    "boundaries.readers.osm.scan.extent.MAX_EMPTY_M": (
        "tests/boundaries/readers/osm/scan/test_extent.py::"
        "test_a_declared_rectangle_far_beyond_the_streets_is_that_of_another_file"
    ),
    "boundaries.store.accounts.keys.LONGEST_DAYS": (
        "tests/boundaries/store/accounts/test_keys.py::test_a_key_is_valid_for_ten_years_at_most"
    ),
    "boundaries.store.accounts.passwords.LONGEST": (
        "tests/boundaries/store/accounts/test_passwords.py::test_a_password_has_12_to_256_characters"
    ),
    "boundaries.store.accounts.passwords.SHORTEST": (
        "tests/boundaries/store/accounts/test_passwords.py::test_a_password_has_12_to_256_characters"
    ),
    "boundaries.store.rows.diff.MOST_NAMED": (
        "tests/boundaries/store/rows/test_diff.py::test_a_hundred_rows_are_named_and_one_more_is_not"
    ),
    "geo.accessibility.floating_catchment.FAINT": (
        ACCESS + "test_floating_catchment.py::"
        "test_a_faint_weight_gives_nothing_and_the_faintest_that_counts_gives_all"
    ),
    "geo.accessibility.gaps.CONTIGUOUS_M": (
        ACCESS + "test_gaps.py::"
        "test_buildings_are_contiguous_up_to_the_width_of_a_street_with_its_courts"
    ),
    "geo.accessibility.inequality._BOTTOM": (
        ACCESS + "test_inequality.py::"
        "test_the_lower_40_and_the_upper_10_per_cent_end_where_their_name_says"
    ),
    "geo.accessibility.inequality._SLACK": (
        ACCESS + "test_inequality.py::"
        "test_a_percentile_forgives_a_rounding_of_the_weight_and_no_more"
    ),
    "geo.accessibility.inequality._TOP": (
        ACCESS + "test_inequality.py::"
        "test_the_lower_40_and_the_upper_10_per_cent_end_where_their_name_says"
    ),
    "geo.crs._CHINA_LAT": "tests/geo/test_crs.py::test_metric_epsg_has_its_central_meridian_nearby",
    "geo.crs._CHINA_LON": "tests/geo/test_crs.py::test_metric_epsg_has_its_central_meridian_nearby",
    "geo.crs._UTM_LAT": "tests/geo/test_crs.py::test_swapped_or_missing_coordinates_are_refused",
    "geo.crs._UTM_LON": "tests/geo/test_crs.py::test_swapped_or_missing_coordinates_are_refused",
    "geo.geometry.polygon_coverage.TOLERANCE_M": (
        "tests/geo/geometry/test_polygon_coverage.py::test_a_region_of_a_millimetre_is_rounding"
    ),
    "geo.grids.checks.building_and_barrier_check.CUT_M": (
        "tests/geo/grids/checks/test_building_and_barrier_check.py::"
        "test_a_building_is_cut_where_a_piece_is_wider_than_a_decimetre"
    ),
    "geo.control_points.FEWEST_OF_PLANE": (
        "tests/geo/test_control_points.py::test_two_points_are_too_few"
    ),
    "geo.control_points.FEWEST_OF_SPACE": (
        "tests/geo/test_control_points.py::test_two_points_are_too_few"
    ),
    "geo.control_points.LEAST_SPREAD": (
        "tests/geo/test_control_points.py::test_points_on_a_line_are_refused"
    ),
    "boundaries.imports.control_points.TOLERANCE_M": (
        "tests/boundaries/imports/test_control_points.py::test_a_mistyped_point_stores_nothing"
    ),
    "geo.grids.checks.code_reuse_check.SAME_PLACE": (
        "tests/geo/grids/checks/test_code_reuse_check.py::test_bearers"
    ),
    "geo.grids.checks.clean_ground.KEEPS": (
        "tests/geo/grids/checks/test_clean_ground.py::"
        "test_a_grid_that_would_lose_most_of_its_ground_stays_as_it_is"
    ),
    "geo.grids.checks.clean_ground.SPARES": (
        "tests/geo/grids/checks/test_clean_ground.py::"
        "test_a_grid_with_hardly_ground_of_its_own_is_drawn_like_another"
    ),
    "geo.grids.checks.parentage.HOLDS": (
        "tests/geo/grids/checks/test_parentage.py::test_a_parent_holds_more_than_half_of_a_grid"
    ),
    "geo.grids.checks.shape_check._THIN": (
        "tests/geo/grids/checks/test_shape_check.py::test_a_strip_is_a_metre_wide_and_long"
    ),
    "geo.grids.succession.LEAST_SHARE": (
        "tests/geo/grids/test_succession.py::"
        "test_a_smaller_share_than_the_least_is_a_border_drawn_anew"
    ),
    "geo.isochrone.isochrones._COARSEST_M": (
        "tests/geo/isochrone/test_isochrones.py::test_bad_input_is_told"
    ),
    "geo.isochrone.isochrones._FINEST_M": (
        "tests/geo/isochrone/test_isochrones.py::test_bad_input_is_told"
    ),
    "geo.network.compile.LONGEST_TICKS": (
        "tests/geo/network/test_compile.py::test_no_walk_takes_longer_than_the_longest"
    ),
    "geo.network.compile.TINY_ISLAND_M": (
        "tests/geo/network/test_compile.py::test_an_island_is_tiny_below_a_kilometre"
    ),
    "geo.network.impedance._ROUNDING": (
        "tests/geo/network/test_impedance.py::test_a_slope_is_too_steep_by_more_than_a_rounding"
    ),
    "geo.network.prepare.cut_at_barriers.AROUND_M": (
        CUT + "test_a_wall_whose_end_is_out_of_the_way_is_crossed"
    ),
    "geo.network.prepare.cut_at_barriers.AT_NODE_M": (
        CUT + "test_a_wall_farther_from_the_node_is_crossed"
    ),
    "geo.network.prepare.cut_at_barriers.BESIDE_M": (
        CUT + "test_a_walkway_beside_a_street_crosses_where_it_does"
    ),
    "geo.network.prepare.cut_at_barriers.GATE_REACH_M": (
        CUT + "test_a_gate_that_is_not_closed_opens_the_wall"
    ),
    "geo.network.prepare.cut_at_barriers.WEAVE_M": (
        CUT + "test_a_walkway_that_comes_back_soon_runs_along_the_wall"
    ),
    **dict.fromkeys(
        (
            f"geo.network.prepare.duplicates.{name}"
            for name in ("DRAWN_TWICE_M", "LEAST_BESIDE_M", "LEAST_OWN_M")
        ),
        "tests/geo/network/prepare/test_node_lines.py::"
        "test_what_draws_a_street_that_is_there_is_taken_out",
    ),
    "geo.network.prepare.heal.EPSILON_M": (
        "tests/geo/network/prepare/test_heal.py::test_the_reach_is_inclusive"
    ),
    "geo.network.prepare.squares._WALL_M": (
        "tests/geo/network/prepare/test_squares.py::"
        "test_walls_that_end_a_decimetre_apart_leave_a_gap"
    ),
    "geo.network.snap_kernel.LINK_LIMIT_M": (
        "tests/geo/network/test_snap.py::test_the_limit_is_inclusive_and_has_its_reason"
    ),
    "geo.routing.route._LONGEST_WALK_S": (
        "tests/geo/routing/test_route.py::test_a_walk_of_more_than_half_a_day_is_not_looked_for"
    ),
    "geo.routing.walking_time.HORIZON_S": (
        "tests/geo/routing/test_walking_time.py::test_a_time_is_published_up_to_two_hours"
    ),
    "geo.scenario.edits._LONGEST_TEXT": EDITS + "test_a_text_of_an_edit_has_an_end",
    "geo.scenario.resolve_edits.LONGEST_STREET_M": (
        EDITS + "test_a_street_is_no_longer_than_two_hours_of_a_quick_walker"
    ),
    "geo.scenario.resolve_edits.MOST_HOUSEHOLDS": EDITS + "test_households_of_one_building",
    "geo.scenario.resolve_edits.NEAR_M": EDITS + "test_a_place_lies_near_the_streets",
    "geo.scenario.street_edits.JOIN_M": EDITS + "test_a_street_joins_what_its_end_nearly_meets",
    "geo.scenario.street_edits._SAME_PLACE_M": (EDITS + "test_near_a_node_a_street_joins_the_node"),
    "geo.geometry.polygon_coverage.SLIVER_M": (
        "tests/geo/grids/checks/test_repair.py::test_a_gap_wider_than_a_metre_may_be_a_missing_grid"
    ),
    "geo.grids.checks.building_and_barrier_check.BARRIER_REACH_M": (
        "tests/geo/grids/checks/test_building_and_barrier_check.py::"
        "test_a_wall_parts_a_grid_where_it_ends_within_a_hand_of_the_border"
    ),
    "geo.grids.edits.reshape.EXTENSION_M": (
        "tests/geo/grids/edits/test_reshape.py::"
        "test_a_line_that_ends_near_the_outline_is_drawn_on_to_it"
    ),
    "geo.routing.od_kernel._HALF_STEP_S": (
        "tests/geo/routing/test_od_pairs.py::"
        "test_a_time_that_is_published_as_the_threshold_is_within"
    ),
    "geo.scenario.explain.LONGEST_LINK_M": (
        "tests/geo/scenario/test_explain.py::"
        "test_a_link_is_longer_than_a_gate_and_no_longer_than_a_bridge_over_a_river"
    ),
    "geo.scenario.explain.SHORTEST_LINK_M": (
        "tests/geo/scenario/test_explain.py::"
        "test_a_link_is_longer_than_a_gate_and_no_longer_than_a_bridge_over_a_river"
    ),
    "geo.tolerances.SAME_M": (
        "tests/geo/routing/test_connectors.py::"
        "test_a_place_within_a_thousandth_of_a_millimetre_is_at_the_node_or_the_other"
    ),
    "geo.isochrone.arrival_times._AT_NODE_M": (
        "tests/geo/isochrone/test_arrival_times.py::"
        "test_a_place_within_a_millimetre_of_a_node_or_an_origin_is_there"
    ),
    "geo.partition.atoms.atoms.NECK_M": (
        "tests/geo/partition/test_atoms.py::"
        "test_two_blocks_are_neighbours_over_a_border_of_two_metres"
    ),
    "geo.partition.atoms.atoms._OVERLAP_M2": (
        "tests/geo/partition/test_atoms.py::"
        "test_houses_that_overlap_by_more_than_a_tenth_of_a_square_metre_are_one"
    ),
    "geo.partition.atoms.atoms._THIN_M": (
        "tests/geo/partition/test_atoms.py::"
        "test_a_sliver_of_two_centimetres_beside_a_kept_grid_goes_with_it"
    ),
    "geo.partition.update.GRIDS_MOST": (
        "tests/geo/partition/test_update.py::test_a_grid_is_redrawn_with_two_neighbours_at_most"
    ),
    "geo.partition.update._MEET_M": (
        "tests/geo/partition/test_update.py::"
        "test_a_neighbour_within_a_fifth_of_a_millimetre_takes_the_new_vertices"
    ),
    "boundaries.readers.osm.scan.extent.HULL_MARGIN_M": (
        "tests/boundaries/readers/osm/scan/test_extent.py::"
        "test_the_hull_of_the_streets_is_widened_by_fifty_metres"
    ),
    "boundaries.store.postgis.schema.LEAST_POSTGIS": (
        "tests/boundaries/store/postgis/test_store.py::test_postgis_is_new_enough_from_3_3_on"
    ),
    "geo.geometry.polygon_coverage._NEEDLE_M": (
        "tests/geo/geometry/test_polygon_coverage.py::"
        "test_a_needle_below_a_hundredth_of_a_millimetre_narrows_no_region"
    ),
    "geo.geometry.polygonize.PRECISION_M": (
        "tests/geo/geometry/test_polygonize.py::"
        "test_a_line_meets_another_within_half_a_cell_of_a_tenth_of_a_millimetre"
    ),
    "geo.geometry.polygonize._ON_LINE_M": (
        "tests/geo/geometry/test_polygonize.py::"
        "test_an_end_within_a_centimetre_of_another_line_is_no_dead_end"
    ),
    "geo.geometry.reading_order._ROW_SHARE": (
        "tests/geo/grids/test_codes.py::test_a_row_is_half_the_median_height_deep"
    ),
    "geo.network.prepare.heal._KNOWN_WAY": (
        "tests/geo/network/prepare/test_heal.py::"
        "test_an_end_is_left_where_the_network_leads_there_in_five_times_the_reach"
    ),
    "geo.network.prepare.cut_at_barriers._AT_END_M": (
        "tests/geo/network/prepare/test_cut_at_barriers.py::"
        "test_a_wall_is_met_at_its_end_up_to_five_centimetres_past_the_path"
    ),
    "geo.network.prepare.cut_at_barriers._STEP_M": (
        "tests/geo/network/prepare/test_cut_at_barriers.py::"
        "test_a_tip_of_less_than_half_a_metre_beyond_a_wall_crosses_nothing"
    ),
    "geo.network.prepare.cut_at_barriers._LINE_M": (
        "tests/geo/network/prepare/test_cut_at_barriers.py::"
        "test_walls_that_overlap_side_by_side_are_closed_up_to_two_millimetres"
    ),
    "geo.tolerances.TOUCH_M": (
        "tests/geo/staffing/test_beats.py::"
        "test_neighbours_that_differ_by_a_centimetre_are_joined_without_a_slit"
    ),
    "boundaries.imports.losses.FEWEST_KEPT_SHARE": (
        "tests/boundaries/imports/test_losses.py::"
        "test_a_layer_of_less_than_half_its_rows_stores_nothing"
    ),
    "boundaries.imports.losses.MOST_REJECTED_SHARE": (
        "tests/boundaries/imports/test_losses.py::"
        "test_more_than_one_row_in_twenty_rejected_stores_nothing"
    ),
    "boundaries.readers.places.crs_search.INSIDE_SHARE": (
        "tests/boundaries/readers/places/test_source_crs.py::"
        "test_a_zone_puts_99_of_100_rows_into_the_district"
    ),
    "boundaries.readers.places.crs_search._OUT_SHARE": (
        "tests/boundaries/readers/places/test_source_crs.py::"
        "test_a_declared_crs_stands_if_it_puts_half_the_rows_near"
    ),
    "boundaries.readers.encoding._SELDOM": (
        "tests/boundaries/readers/test_encoding.py::"
        "test_seldom_characters_count_less_and_are_still_read"
    ),
    "boundaries.readers.places.frame_fit.FEWEST": (
        "tests/boundaries/readers/places/test_frame_fit.py::"
        "test_too_few_rows_and_no_reference_are_not_checked"
    ),
    "boundaries.readers.shapes.STRAY_M": (
        "tests/boundaries/readers/places/test_source_crs.py::"
        "test_a_vertex_far_from_the_rest_rejects_its_row"
    ),
    "boundaries.readers.places.source_crs._AXIS_TOLERANCE_M": (
        "tests/boundaries/readers/places/test_source_crs.py::"
        "test_an_ellipsoid_within_a_metre_is_that_of_wgs_84"
    ),
    "boundaries.readers.places.source_crs._FLATTENING_TOLERANCE": (
        "tests/boundaries/readers/places/test_source_crs.py::"
        "test_an_ellipsoid_within_a_metre_is_that_of_wgs_84"
    ),
}
"""A test that fails where the constant is moved either way."""

SPEED = "it decides how fast an answer comes, or how much memory it takes, and never the answer"
PICTURE = "it decides how a picture looks; figures are counted per building"
EXACT = "far above any rounding; more of it makes more tests exact, which answer the same"
DRAWING = "a choice of how ground is drawn; what is drawn is held against every rule of a plan"
DEFAULT = "a default that callers pass over; what it means is tested with other values"
UNIT = "a unit, or a term of a formula that tests work out by hand"
WAITING = "how long to wait for another program"
NAMED = "how much a message names"
SMALL = "below it there are too few rows for a share to mean anything"
WIDE = "far from either side: what is right lies well within, what is wrong far beyond"
SENSE = "right and wrong readings lie far apart; the corpus of office files holds both"
NEED_NONE = {
    "boundaries.readers.exchange.gml_shapes._FEWEST_OF_RING": UNIT,
    "boundaries.readers.exchange.mapinfo._LONGEST_LINE": WIDE,
    "boundaries.readers.osm.scan.axes._NEAR_MERIDIAN": WIDE,
    "boundaries.standards.grid_rules._MOST": WIDE,
    "boundaries.standards.plan_figures._SLACK": DEFAULT,
    "boundaries.store.sql.plan_gate._SAME_DEG": EXACT,
    "geo.accessibility.week._BEYOND_S": EXACT,
    "geo.network.wide_roads.SIDE_M": EXACT,
    "geo.network.wide_roads._PARALLEL": WIDE,
    "boundaries.imports.own_streets._SAME_DEGREES": SMALL,
    "boundaries.imports.same_streets._SAME_DEGREES": SMALL,
    "boundaries.imports.same_streets._SAME_M": SMALL,
    "geo.network.prepare.duplicates._SINE": WIDE,
    "geo.network.prepare.duplicates._STEP_M": SMALL,
    "geo.gcj02.AXIS_M": UNIT,
    "geo.gcj02.E2": UNIT,
    "boundaries.imports.losses._FEWEST_REJECTED": SMALL,
    "boundaries.imports.losses._FEWEST_REPLACED": SMALL,
    "boundaries.readers.places.crs_search._MOST_NAMED": NAMED,
    "boundaries.readers.places.crs_search._NEAR_DEGREES": WIDE,
    "boundaries.readers.places.crs_search._SIXTY": UNIT,
    "boundaries.readers.places.crs_search._WIDEST": WIDE,
    "boundaries.readers.places.degrees._SIXTY": UNIT,
    "boundaries.readers.encoding._LESS_SURE": SENSE,
    "boundaries.readers.encoding._PLAUSIBLE": SENSE,
    "boundaries.readers.encoding._READABLE": SENSE,
    "boundaries.readers.places.frame_fit.BETTER": SENSE,
    "boundaries.readers.places.frame_fit._NEAR_M": SENSE,
    "boundaries.readers.places.frame_fit._PER_SHARE_OUTSIDE": SENSE,
    "boundaries.readers.places.frame_fit._REACH_DEGREES": WIDE,
    "boundaries.readers.places.place_columns._MAX_LAT": UNIT,
    "boundaries.readers.places.source_crs._ACCURACY_M": WIDE,
    "boundaries.readers.places.source_crs._AXIS_M": UNIT,
    "boundaries.readers.places.source_crs._FLATTENINGS": UNIT,
    "boundaries.readers.files.kml._FEWEST_OF_RING": UNIT,
    "boundaries.readers.files.sheet_extent._LONGEST_TAG_BYTES": SPEED,
    "boundaries.readers.tables.sheets._MOST_SHARED": SENSE,
    "boundaries.readers.initials._FEWEST": SENSE,
    "boundaries.readers.vector._FEWEST_SUMMED": SMALL,
    "boundaries.readers.vector._MAX_DEGREES": WIDE,
    "geo.grids.inhabited._BULGE": SPEED,
    "boundaries.admin.check._MOST_NAMED": NAMED,
    "boundaries.readers.osm.scan.scan._DEGREES_PER_UNIT": UNIT,
    "boundaries.readers.files.geopackage._LONGEST_VALUE_BYTES": SPEED,
    "boundaries.store.geopackage.connection.BUSY_S": WAITING,
    "boundaries.store.geopackage.patience._REMEMBERED_S": WAITING,
    "boundaries.store.history.state.MOST_REVISIONS": SPEED,
    "boundaries.store.postgis.connection.CONNECT_S": WAITING,
    "boundaries.store.postgis.connection.POOL_WAIT_S": WAITING,
    "boundaries.store.postgis.store._WAIT_S": WAITING,
    "boundaries.store.rows.backend.NOTE_WAIT_S": WAITING,
    "boundaries.store.tables.views._BOUNDS": PICTURE,
    "geo.accessibility.gaps._PICTURE_M": PICTURE,
    "geo.geometry.orientation._FILTER": SPEED,
    "geo.geometry.orientation._SPLITTER": UNIT,
    "geo.geometry.point_in_polygon._CELLS_PER_POINT": SPEED,
    "geo.geometry.rasterize._PAD": EXACT,
    "geo.geometry.segment_index._BUCKET_M": SPEED,
    "geo.geometry.segment_index._MOST_BUCKETS": SPEED,
    "geo.grids.checks.shape_check._PLACED": PICTURE,
    "geo.grids.edits.transfer_ground.CLOSE_M": DRAWING,
    "geo.grids.edits.transfer_ground.PASSAGES_M": DRAWING,
    "geo.grids.edits.transfer_ground._PASSAGE_SPACING_M": DRAWING,
    "geo.grids.edits.transfer_ground._MOST_PLACES": DRAWING,
    "geo.grids.edits.transfer_ground._OUTLINE_SPACING_M": DRAWING,
    "geo.grids.edits.transfer_ground._PLACE_SPACING_M": DRAWING,
    "geo.grids.edits.transfer_ground._ROUNDING_M": DRAWING,
    "geo.grids.edits.transfer_ground._SIMPLIFY_M": DRAWING,
    "geo.grids.edits.transfer_ground._WALL_STRIP_M": DRAWING,
    "geo.isochrone.isochrones.AGREEMENT": PICTURE,
    "geo.isochrone.isochrones.CELL_M": PICTURE,
    "geo.isochrone.isochrones._FEWEST": PICTURE,
    "geo.isochrone.isochrones._HALVED_TO_M": PICTURE,
    "geo.isochrone.marching_squares._MARGIN_M": PICTURE,
    "geo.isochrone.sample_grid._STEADY": PICTURE,
    "geo.isochrone.sample_tiles.MOST_KEPT": SPEED,
    "geo.isochrone.travel_time_surface.MOST_SAMPLES": SPEED,
    "geo.network.impedance._TOBLER": UNIT,
    "geo.network.impedance._TOBLER_BEST": UNIT,
    "geo.network.prepare.squares._BENT": SPEED,
    "geo.network.prepare.squares._GRAZE_M": EXACT,
    "geo.network.search_graph.TICKS_PER_S": UNIT,
    "geo.partition.atoms.atoms._CRUMB_M2": DRAWING,
    "geo.partition.atoms.atoms._FAR_LEAST_M2": DRAWING,
    "geo.partition.atoms.atoms._SPIKE_AREA": DRAWING,
    "geo.partition.atoms.atoms._SPIKE_SIDES": DRAWING,
    "geo.partition.atoms.reach.HOME_REACH_M": DEFAULT,
    "geo.partition.atoms.reach._LEAST_M": EXACT,
    "geo.partition.atoms.reach._STRAIGHT": DRAWING,
    "geo.partition.atoms.tessellation.FAR_M": DRAWING,
    "geo.partition.atoms.tessellation._MITRE": DRAWING,
    "geo.partition.atoms.parents._TIED_MOST": DRAWING,
    "geo.partition.atoms.territories.OWN_SHARE": DRAWING,
    "geo.partition.atoms.tessellation.GROUND_M2": DRAWING,
    "geo.partition.atoms.tessellation.STRIP_M": DRAWING,
    "geo.partition.atoms.tessellation._BEHIND_WALL_M": DRAWING,
    "geo.partition.atoms.tessellation._BEYOND_M": DRAWING,
    "geo.partition.atoms.tessellation._CLOSE_M": DRAWING,
    "geo.partition.atoms.tessellation._FAR": DRAWING,
    "geo.partition.atoms.tessellation._SPACING_M": DRAWING,
    "geo.partition.atoms.tessellation._STRAIGHT_M": DRAWING,
    "geo.partition.atoms.tessellation._WALLED_SHARE": DRAWING,
    "geo.partition.atoms.tessellation._WALL_SPACING_M": DRAWING,
    "geo.partition.optimise.exact_cover.ATOMS_MOST": SPEED,
    "geo.partition.optimise.exact_cover._BAD_MOST": SPEED,
    "geo.partition.optimise.exact_cover._CHAIN_MOST": SPEED,
    "geo.partition.optimise.recombination._BEST_SHAPE": UNIT,
    "geo.partition.optimise.set_partitioning.GRIDS_MOST": SPEED,
    "geo.partition.optimise.set_partitioning.UNITS_MOST": SPEED,
    "geo.partition.optimise.spanning_trees.OUT_OF_BAND": UNIT,
    "geo.partition.optimise.spanning_trees._INF": UNIT,
    "geo.partition.search._KICKS_PER_BEAT": SPEED,
    "geo.partition.smoothing._BETTER": EXACT,
    "geo.partition.smoothing._CROSSED": DRAWING,
    "geo.partition.street_blocks.BOUNDARY_REACH_M": DEFAULT,
}
"""Why no test looks at both sides."""


def _is_number(node: ast.expr) -> bool:
    match node:
        case ast.Constant(value=bool()):
            return False
        case ast.Constant(value=int() | float()):
            return True
        case ast.UnaryOp(operand=operand):
            return _is_number(operand)
        case ast.BinOp(left=left, right=right):
            return _is_number(left) and _is_number(right)
        case ast.Tuple(elts=elements):
            return bool(elements) and all(map(_is_number, elements))
    return False


def constants() -> set[str]:
    """Return the constants to be held, by module and name; a made-up town is nobody's rule."""
    found = set()
    for package in (geo, boundaries):
        for path in Path(package.__file__).parent.rglob("*.py"):
            module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            if module.startswith("boundaries.demo."):
                continue
            for node in ast.parse(path.read_text("utf-8")).body:
                match node:
                    case ast.AnnAssign(target=ast.Name(id=name), value=value) if value:
                        pass
                    case ast.Assign(targets=[ast.Name(id=name)], value=value):
                        pass
                    case _:
                        continue
                fraction = any(
                    isinstance(part, ast.Constant) and isinstance(part.value, float)
                    for part in ast.walk(value)
                )
                if name.isupper() and _is_number(value) and (fraction or LIMIT.search(name)):
                    found.add(f"{module}.{name}")
    return found


def test_every_constant_is_held_or_has_a_reason():
    found, listed = constants(), [*HELD, *NEED_NONE]
    assert len(listed) == len(set(listed))
    missing = sorted(found - set(listed))
    assert not missing, f"held by no test: {missing}. Test both sides and list it, or say why not."
    gone = sorted(set(listed) - found)
    assert not gone, f"no longer there: {gone}. Rename it or take it off the list."


@pytest.mark.parametrize("test", sorted(set(HELD.values())))
def test_the_test_that_holds_a_constant_is_there(test):
    path, name = test.split("::")
    made = ast.parse((ROOT / path).read_text("utf-8")).body
    assert name in {node.name for node in made if isinstance(node, ast.FunctionDef)}
