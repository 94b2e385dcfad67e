"""``lifecircle settings``: every setting, its value and where it comes from."""

from api.console.options import JsonOption
from api.console.output import print_json, print_table
from api.documentation import HELP, told
from api.settings import settings_table
from geo.messages import Message


def print_settings(*, as_json: JsonOption = False) -> None:
    """List the settings and their defaults."""
    rows = [{**row._asdict(), "help": told(row.help, HELP)} for row in settings_table()]
    if as_json:
        print_json({"settings": rows})
        return
    shown = [
        {
            "heads.variable": row["variable"],
            "heads.default": row["default"],
            "heads.help": row["help"],
        }
        for row in rows
    ]
    print_table(Message("cli_settings.title"), shown)
