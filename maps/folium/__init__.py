"""The folium map: one self-contained HTML file."""
