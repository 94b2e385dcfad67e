"""The command ``lifecircle``.

Commands import what they need when they run, so that help and errors come at once.
"""

from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from api.assignments import commands as assignments_commands
from api.cli import database as db
from api.cli import demo, doctor, serve
from api.cli.settings import print_settings
from api.completeness.commands import print_completeness
from api.console.options import DbOption
from api.console.output import print_text, say
from api.coverage.commands import print_coverage
from api.districts.commands import print_districts
from api.editions.commands import work_on_editions
from api.explanations.commands import print_explanation
from api.folium_map import commands as folium_map_commands
from api.gaps.commands import print_gaps
from api.grid_plans import commands as grid_plans_commands
from api.history.commands import print_lineage, print_log
from api.imports import load_commands
from api.imports.commands import print_imports, undo_import
from api.isochrones import commands as isochrones_commands
from api.jobs import commands as jobs_commands
from api.nearest import commands as nearest_commands
from api.network import commands as network_commands
from api.partitions import commands as partitions_commands
from api.runs import commands as runs_commands
from api.scenarios.commands import print_scenario
from api.standards import commands as standards_commands
from api.supply import commands as supply_commands
from api.version import code_version
from api.walks.commands import print_walk
from geo.errors import LifecircleError

WRONG_INPUT = 2
"""Exit code for everything that the caller can put right."""


class LifecircleGroup(TyperGroup):
    """Commands whose errors are one sentence on stderr, never a traceback."""

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401 - as in the base class
        """Run the command; every error of the tree in :mod:`geo.errors` ends with exit code 2."""
        try:
            return super().invoke(ctx)
        except LifecircleError as error:
            say(f"lifecircle: {error}")
            raise typer.Exit(WRONG_INPUT) from None


app = typer.Typer(
    name="lifecircle",
    cls=LifecircleGroup,
    help="Who can walk to what in 15 minutes, exactly, per building.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _print_version(wanted: bool) -> None:  # noqa: FBT001 - typer's callback
    if wanted:
        print_text(f"lifecircle {code_version()}")
        raise typer.Exit


@app.callback()
def everywhere(
    *,
    db: DbOption = None,
    version: Annotated[
        bool,
        typer.Option(
            "--version", help="Print the version.", callback=_print_version, is_eager=True
        ),
    ] = False,
) -> None:
    """Who can walk to what in 15 minutes, exactly, per building."""


app.command("demo")(demo.run_demo)
app.add_typer(load_commands.app, name="load")
app.command("coverage")(print_coverage)
app.command("gaps")(print_gaps)
grid_plans_commands.app.command("complete")(print_completeness)
app.add_typer(grid_plans_commands.app, name="grids")
app.command("assign")(assignments_commands.assign_file)
app.command("partition")(partitions_commands.draw_partition)
app.command("nearest")(nearest_commands.print_nearest)
app.command("access")(supply_commands.print_access)
app.command("equity")(supply_commands.print_equity)
app.command("scenario")(print_scenario)
app.command("explain")(print_explanation)
app.command("walk", context_settings={"ignore_unknown_options": True})(print_walk)
app.command("isochrone", context_settings={"ignore_unknown_options": True})(
    isochrones_commands.print_isochrones
)
app.command("network")(network_commands.print_network)
app.command("runs")(runs_commands.print_runs)
app.command("rerun")(runs_commands.rerun)
app.command("jobs")(jobs_commands.print_jobs)
app.command("map")(folium_map_commands.write_map)
app.command("log")(print_log)
app.command("imports")(print_imports)
app.command("undo")(undo_import)
app.command("lineage")(print_lineage)
app.command("editions")(work_on_editions)
app.command("serve")(serve.serve)
app.command("districts")(print_districts)
app.add_typer(db.app, name="db")
app.command("backup")(db.backup)
app.command("restore")(db.restore)
app.command("standard")(standards_commands.print_standard)
app.command("settings")(print_settings)
app.command("doctor")(doctor.examine)


def main() -> None:
    """Run the command line."""
    app(prog_name="lifecircle")


if __name__ == "__main__":
    main()
