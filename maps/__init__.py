"""Drawing: palettes, page, folium map, words."""
