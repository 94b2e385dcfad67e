"""The service and the command line: the only place that wires things together."""

from api.shadowed_packages import intruder

if not intruder("geo"):  # else the command line says so, which needs nothing of it
    from geo.messages import add_sentences

    add_sentences(__name__)
