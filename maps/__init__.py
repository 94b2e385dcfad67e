"""Drawing: palettes, page, folium map, words."""

from geo.messages import add_sentences

add_sentences(__name__)
