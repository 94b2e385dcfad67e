"""``lifecircle settings``: every setting, its value and where it comes from."""

from api.console.options import JsonOption
from api.console.output import print_json, print_table
from api.settings import settings_table


def print_settings(*, as_json: JsonOption = False) -> None:
    """List the settings that the environment may give, with their defaults."""
    rows = [row._asdict() for row in settings_table()]
    if as_json:
        print_json({"settings": rows})
        return
    print_table("Settings", rows)
