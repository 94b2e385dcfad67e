"""The command ``lifecircle``.

Commands import what they need when they run, so that help and errors come at once.
"""

from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from api.cli import (
    assigning,
    db,
    demo,
    doctor,
    drawing,
    grids,
    isochrone,
    jobs,
    load,
    nearest,
    network,
    partitioning,
    past,
    planning,
    results,
    runs,
    serving,
    standards,
    supply,
)
from api.cli.console import print_text, say
from api.cli.options import DbOption
from api.version import code_version
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
app.add_typer(load.app, name="load")
app.command("coverage")(results.print_coverage)
app.command("gaps")(results.print_gaps)
app.add_typer(grids.app, name="grids")
app.command("assign")(assigning.assign_file)
app.command("partition")(partitioning.draw_partition)
app.command("nearest")(nearest.print_nearest)
app.command("access")(supply.print_access)
app.command("equity")(supply.print_equity)
app.command("scenario")(planning.print_scenario)
app.command("explain")(planning.print_explanation)
app.command("walk", context_settings={"ignore_unknown_options": True})(results.print_walk)
app.command("isochrone", context_settings={"ignore_unknown_options": True})(
    isochrone.print_isochrones
)
app.command("network")(network.print_network)
app.command("runs")(runs.print_runs)
app.command("rerun")(runs.rerun)
app.command("jobs")(jobs.print_jobs)
app.command("map")(drawing.write_map)
app.command("log")(past.print_log)
app.command("imports")(past.print_imports)
app.command("undo")(past.undo_import)
app.command("lineage")(past.print_lineage)
app.command("editions")(past.work_on_editions)
app.command("serve")(serving.serve)
app.command("districts")(results.print_districts)
app.add_typer(db.app, name="db")
app.command("backup")(db.backup)
app.command("restore")(db.restore)
app.command("standard")(standards.print_standard)
app.command("settings")(results.print_settings)
app.command("doctor")(doctor.examine)


def main() -> None:
    """Run the command line."""
    app(prog_name="lifecircle")


if __name__ == "__main__":
    main()
