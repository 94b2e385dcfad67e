"""A grid is drawn anew for buildings that are newer than its outline."""

CODE = "371602"


def test_only_grids_with_a_newer_building_are_named(town):
    assert town.grids_since_drawn(CODE) == frozenset()
    layers = town.layers(CODE)
    first = layers.buildings.head(1)
    small = layers.grids[layers.grids["level"] == "small"]
    own = small[small.to_crs(3857).intersects(first.to_crs(3857).geometry.iloc[0])]
    town.edit(CODE, "buildings", put=first.assign(households=first["households"] + 7))
    assert town.grids_since_drawn(CODE) == set(own["code"])

    town.edit(CODE, "grids", put=own.assign(name_zh="改名"))
    assert town.grids_since_drawn(CODE) == set(own["code"]), "a new name is no new outline"

    town.edit(CODE, "buildings", remove=[first["building_id"].iloc[0]])
    town.replace_layer(CODE, "grids", town.layers(CODE).grids.iloc[:0])
    town.replace_layer(CODE, "grids", layers.grids)
    assert town.grids_since_drawn(CODE) == frozenset(), "all are drawn after the buildings"
    town.edit(CODE, "buildings", put=first)
    town.edit(CODE, "buildings", remove=[first["building_id"].iloc[0]])
    assert town.grids_since_drawn(CODE) == set(own["code"]), "one that is gone counts too"
