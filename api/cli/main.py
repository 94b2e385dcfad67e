"""The command ``lifecircle``.

A command is imported when it runs or when its own help is asked for, and imports what it needs when
it runs, so that help and errors come at once.
"""

import atexit
import gc
import inspect
from importlib import import_module
from importlib.util import find_spec
from types import CodeType
from typing import Annotated, Any, Final

import typer
import typer.main
from typer.core import TyperCommand, TyperGroup

from api.console.options import DbOption
from api.console.output import print_text, say
from api.version import code_version
from geo.errors import LifecircleError

COMMANDS: Final = {
    "demo": "api.cli.demo:run_demo",
    "coverage": "api.coverage.commands:print_coverage",
    "gaps": "api.gaps.commands:print_gaps",
    "assign": "api.assignments.commands:assign_file",
    "partition": "api.partitions.commands:draw_partition",
    "nearest": "api.nearest.commands:print_nearest",
    "access": "api.supply.commands:print_access",
    "equity": "api.supply.commands:print_equity",
    "scenario": "api.scenarios.commands:print_scenario",
    "explain": "api.explanations.commands:print_explanation",
    "walk": "api.walks.commands:print_walk",
    "isochrone": "api.isochrones.commands:print_isochrones",
    "network": "api.network.commands:print_network",
    "runs": "api.runs.commands:print_runs",
    "rerun": "api.runs.commands:rerun",
    "jobs": "api.jobs.commands:print_jobs",
    "map": "api.folium_map.commands:write_map",
    "log": "api.history.commands:print_log",
    "imports": "api.imports.commands:print_imports",
    "undo": "api.imports.commands:undo_import",
    "lineage": "api.history.commands:print_lineage",
    "editions": "api.editions.commands:work_on_editions",
    "serve": "api.cli.serve:serve",
    "districts": "api.districts.commands:print_districts",
    "backup": "api.cli.database:backup",
    "restore": "api.cli.database:restore",
    "standard": "api.standards.commands:print_standard",
    "settings": "api.cli.settings:print_settings",
    "doctor": "api.cli.doctor:examine",
    "load osm": "api.imports.load_commands:load_osm",
    "load boundary": "api.imports.load_commands:load_boundary",
    "load grids": "api.imports.load_commands:load_grids",
    "load buildings": "api.imports.load_commands:load_buildings",
    "load organisations": "api.imports.load_commands:load_organisations",
    "load points": "api.imports.load_commands:load_points",
    "grids complete": "api.completeness.commands:print_completeness",
    "grids check": "api.grid_plans.commands:check_plan",
    "grids repair": "api.grid_plans.commands:repair_plan",
    "grids split": "api.grid_plans.edit_commands:split_grid",
    "grids merge": "api.grid_plans.edit_commands:merge_grids",
    "grids border": "api.grid_plans.edit_commands:move_border",
    "grids transfer": "api.grid_plans.edit_commands:transfer_building",
    "grids retire": "api.grid_plans.edit_commands:retire_grid",
    "grids add": "api.grid_plans.edit_commands:add_grid",
    "db upgrade": "api.cli.database:upgrade",
    "db copy": "api.cli.database:copy",
    "db check": "api.cli.database:check",
    "db reader": "api.cli.database:reader",
}
"""Command -> function; two words are a command of a group."""

GROUPS: Final = {
    "load": "Load files into a district.",
    "grids": "Check, repair and edit the grid plan.",
    "db": "Make, upgrade, copy and check the database.",
}
_NEGATIVE_ARGUMENTS: Final = ("walk", "isochrone")
"""Commands whose arguments may begin with a minus: a western longitude."""

_PLAIN: Final[Any] = {
    "add_completion": False,
    "pretty_exceptions_enable": False,
    "rich_markup_mode": None,
}
YOUNG_OBJECTS: Final = 100_000
"""New objects after which a command looks for garbage; a service does it as Python does."""

WRONG_INPUT = 2
"""Exit code of errors that the caller can correct."""


class ListedCommand(TyperCommand):
    """The name and the help line of a command that is not imported yet."""

    def __init__(self, name: str, function: str) -> None:
        super().__init__(name)
        self._module, self._function = function.split(":")

    def get_short_help_str(self, limit: int = 45) -> str:
        """Return the first sentence of the docstring, read from the compiled module."""
        module: Any = find_spec(self._module)
        functions = module.loader.get_code(self._module).co_consts
        code = next(c for c in functions if isinstance(c, CodeType) and c.co_name == self._function)
        self.help = inspect.cleandoc(code.co_consts[0])
        return super().get_short_help_str(limit)

    def load(self) -> Any:  # noqa: ANN401 - click's or typer's own command, as its release has it
        """Import the command."""
        alone = typer.Typer(**_PLAIN)
        settings = {"ignore_unknown_options": self.name in _NEGATIVE_ARGUMENTS}
        function = getattr(import_module(self._module), self._function)
        alone.command(self.name, context_settings=settings)(function)
        return typer.main.get_command(alone)


class LazyGroup(TyperGroup):
    """Commands that are imported once one of them is asked for."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:  # noqa: ANN401 - as in the base class
        """Return the command that `args` begin with, imported."""
        name, command, rest = super().resolve_command(ctx, args)
        return name, command.load() if isinstance(command, ListedCommand) else command, rest


def _listed(group: str = "") -> dict[str, Any]:
    """Return the commands of a group, or those of none."""
    paths = {tuple(words.rpartition(" ")[::2]): function for words, function in COMMANDS.items()}
    return {
        name: ListedCommand(name, function)
        for (parent, name), function in paths.items()
        if parent == group
    }


class LifecircleGroup(LazyGroup):
    """Every command; their errors are one sentence on stderr, never a traceback."""

    def __init__(self, **settings: Any) -> None:  # noqa: ANN401 - as in the base class
        super().__init__(**settings)
        self.commands = _listed() | {
            name: LazyGroup(
                name=name,
                help=text,
                commands=_listed(name),
                no_args_is_help=True,
                rich_markup_mode=None,
            )
            for name, text in GROUPS.items()
        }

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
    **_PLAIN,
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


def main() -> None:
    """Run the command line."""
    # Half a million objects of imported modules live until the end; looking through them for
    # garbage, over and over and once more at the end, took two fifths of a short command.
    gc.set_threshold(YOUNG_OBJECTS)
    atexit.register(gc.freeze)
    app(prog_name="lifecircle")


if __name__ == "__main__":
    main()
