"""The command ``lifecircle``.

A command is imported when it runs or when its own help is asked for, and imports what it needs when
it runs, so that help and errors come at once.
"""

import atexit
import gc
import inspect
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from types import CodeType
from typing import Annotated, Any, Final

import typer
import typer.main
from typer.core import TyperCommand, TyperGroup

from api.console.languages import split_language
from api.console.options import DbOption, LangOption
from api.console.output import print_text, say
from api.console.usage import (
    EXIT_CODE,
    FLOORS,
    USAGE_ERROR,
    help_in_language,
    print_usage_error,
)
from api.documentation import HELP, first_sentence, told
from api.version import code_version
from geo.errors import LifecircleError
from geo.messages import language, speaking

COMMANDS: Final = {
    "demo": "api.cli.demo:run_demo",
    "coverage": "api.coverage.commands:print_coverage",
    "dependents": "api.dependents.commands:print_dependents",
    "examine": "api.examinations.commands:print_examination",
    "gaps": "api.gaps.commands:print_gaps",
    "lifts": "api.lifts.commands:print_lifts",
    "week": "api.week.commands:print_week",
    "assign": "api.assignments.commands:assign_file",
    "partition": "api.partitions.commands:draw_partition",
    "nearest": "api.nearest.commands:print_nearest",
    "access": "api.supply.commands:print_access",
    "equity": "api.supply.commands:print_equity",
    "scenario": "api.scenarios.commands:print_scenario",
    "explain": "api.explanations.commands:print_explanation",
    "link": "api.explanations.commands:print_link",
    "walk": "api.walks.commands:print_walk",
    "isochrone": "api.isochrones.commands:print_isochrones",
    "network": "api.network.commands:print_network",
    "control-points": "api.control_points.commands:work_on_control_points",
    "profiles": "api.profiles.commands:work_on_profiles",
    "runs": "api.runs.commands:print_runs",
    "rerun": "api.runs.commands:rerun",
    "jobs": "api.jobs.commands:print_jobs",
    "map": "api.folium_map.commands:write_map",
    "sheets": "api.sheets.commands:write_sheets",
    "log": "api.history.commands:print_log",
    "imports": "api.imports.commands:print_imports",
    "undo": "api.imports.commands:undo_change",
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
    "load households": "api.imports.load_commands:load_households",
    "load organisations": "api.imports.load_commands:load_organisations",
    "load workers": "api.imports.load_commands:load_workers",
    "load open_grounds": "api.imports.load_commands:load_open_grounds",
    "load entrances": "api.imports.load_commands:load_entrances",
    "load streets": "api.imports.load_commands:load_streets",
    "load points": "api.imports.load_commands:load_points",
    "grids complete": "api.completeness.commands:print_completeness",
    "grids check": "api.grid_plans.commands:check_plan",
    "grids repair": "api.grid_plans.commands:repair_plan",
    "grids split": "api.grid_plans.edit_commands:split_grid",
    "grids merge": "api.grid_plans.edit_commands:merge_grids",
    "grids border": "api.grid_plans.edit_commands:move_border",
    "grids transfer": "api.grid_plans.edit_commands:transfer_building",
    "grids retire": "api.grid_plans.edit_commands:retire_grid",
    "grids settings": "api.grid_settings.commands:set_rules",
    "grids add": "api.grid_plans.edit_commands:add_grid",
    "db upgrade": "api.cli.database:upgrade",
    "db copy": "api.cli.database:copy",
    "db check": "api.cli.database:check",
    "db reader": "api.cli.database:reader",
    "user add": "api.accounts.commands:add_user",
    "user list": "api.accounts.commands:list_users",
    "user revoke": "api.accounts.commands:revoke_user",
    "user password": "api.accounts.commands:set_user_password",
    "user roles": "api.accounts.commands:set_user_roles",
    "key add": "api.accounts.commands:add_key",
    "key list": "api.accounts.commands:list_keys",
    "key revoke": "api.accounts.commands:revoke_key",
    "key rotate": "api.accounts.commands:rotate_key",
}
"""Command -> function; two words are a command of a group."""

GROUPS: Final = {
    "load": "Load files into a district.",
    "grids": "Check, repair and edit the grid plan.",
    "db": "Make, upgrade, copy and check the database.",
    "user": "Who may sign in, and with which role.",
    "key": "API keys of programs.",
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


class ToldCommand(TyperCommand):
    """A command whose help is in the language of the call."""

    def get_help(self, ctx: Any) -> str:  # noqa: ANN401 - as in the base class
        """Return the help page."""
        return help_in_language(super().get_help(ctx))


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
        self.help = first_sentence(told(inspect.cleandoc(code.co_consts[0]), HELP))
        return super().get_short_help_str(limit)

    def load(self) -> Any:  # noqa: ANN401 - click's or typer's own command, as its release has it
        """Import the command."""
        alone = typer.Typer(**_PLAIN)
        settings = {"ignore_unknown_options": self.name in _NEGATIVE_ARGUMENTS}
        function = getattr(import_module(self._module), self._function)
        alone.command(self.name, cls=ToldCommand, context_settings=settings)(function)
        return _in_language(typer.main.get_command(alone))


def _in_language(command: Any) -> Any:  # noqa: ANN401 - as in `ListedCommand.load`
    """Return a command with its help, and that of its options, in the language of the call."""
    command.help = told(command.help or "", HELP)
    for parameter in command.params:
        parameter.help = told(getattr(parameter, "help", None) or "", HELP)
    return command


class LazyGroup(TyperGroup):
    """Commands that are imported once one of them is asked for."""

    def get_short_help_str(self, limit: int = 45) -> str:
        """Return what the group is for, in the language of the call."""
        self.help = told(self.help or "", HELP)
        return super().get_short_help_str(limit)

    def get_help(self, ctx: Any) -> str:  # noqa: ANN401 - as in the base class
        """Return the help page."""
        return help_in_language(super().get_help(ctx))

    def format_help_text(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401 - as in the base class
        """Write what the group is for."""
        self.help = told(self.help or "", HELP)
        parameters: list[Any] = list(self.params)
        for parameter in parameters:
            parameter.help = told(getattr(parameter, "help", None) or "", HELP)
        super().format_help_text(ctx, formatter)

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

    def main(self, args: Any = None, **settings: Any) -> Any:  # type: ignore[override] # noqa: ANN401
        """Run a call in its language, which stands anywhere among its arguments."""
        try:
            lang, rest = split_language(sys.argv[1:] if args is None else list(args))
        except LifecircleError as error:
            say(f"lifecircle: {error}")
            sys.exit(WRONG_INPUT)
        with speaking(lang):
            return super().main(rest, **settings)

    def make_context(self, *given: Any, **settings: Any) -> Any:  # noqa: ANN401 - as in the base class
        """Read the arguments."""
        with _usage_in_language():
            return super().make_context(*given, **settings)

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401 - as in the base class
        """Run the command; every error of the tree in :mod:`geo.errors` ends with exit code 2."""
        try:
            with _usage_in_language():
                return super().invoke(ctx)
        except LifecircleError as error:
            say(f"lifecircle: {error}")
            raise typer.Exit(WRONG_INPUT) from None


@contextmanager
def _usage_in_language() -> Iterator[None]:
    """Tell a call that does not fit its command in the language of the call."""
    try:
        yield
    except USAGE_ERROR as error:
        own = getattr(error, "option_name", "") == FLOORS  # no other option has words of ours
        if (language() != "zh" and not own) or type(error).__name__ == "NoArgsIsHelpError":
            raise
        print_usage_error(error)
        raise typer.Exit(EXIT_CODE) from None


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
    lang: LangOption = None,  # read before all others, wherever it stands
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
