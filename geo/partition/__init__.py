"""Draw governance grids and beats: small grids of 30-50 households, strictly nested, and who works.

:mod:`geo.partition.pipeline` runs the steps. `atoms` cuts the ground by barriers and streets into
enclosures, and those into the ground of each building; large and medium grids come from the
enclosures. `search` finds small grids and beats together with the methods of `optimise`, and
`outputs` and `workers` make layers and a report of them. `update` changes as few grids as possible
when buildings change; `street_blocks` draws first grids from blocks alone.
"""
