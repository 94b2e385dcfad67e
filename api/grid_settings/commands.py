"""``lifecircle grids settings``: bands, weights and names that a district sets for its grids."""

from typing import Annotated

import typer

from api.console.grid_rules import (
    BandOption,
    BeatOption,
    ReachOption,
    WeightOption,
    asked_rules,
)
from api.console.options import CodeArgument, DbOption, JsonOption, actor_of, settings_for, store_of
from api.console.output import print_json, print_table, say
from api.formats.aliases import Json
from geo.messages import Message


def set_rules(
    ctx: typer.Context,
    code: CodeArgument,
    *,
    band: BandOption = None,
    beat: BeatOption = None,
    weight: WeightOption = None,
    reach: ReachOption = None,
    split_names: Annotated[
        str | None,
        typer.Option("--split-names", metavar="RULE", help="Names of new parts: {name}-{n}."),
    ] = None,
    notice_phone: Annotated[
        str | None,
        typer.Option("--notice-phone", metavar="PHONE", help="Where notices hear objections."),
    ] = None,
    clear: Annotated[bool, typer.Option("--clear", help="Forget what was set before.")] = False,
    db: DbOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show or set a district's bands, weights, reach and names."""
    from api.grid_settings.answers import grid_settings, set_grid_settings  # noqa: PLC0415 - heavy
    from boundaries.store.tables.records import Commit  # noqa: PLC0415 - heavy

    store = store_of(ctx, db)
    answer = grid_settings(store, code)
    given = asked_rules(band=band, beat=beat, weight=weight, reach=reach)
    texts = {"split_names": split_names, "notice_phone": notice_phone}
    given |= {name: text for name, text in texts.items() if text is not None}
    if given or clear:
        before: Json = {} if clear else answer["set"]
        if "weights" in given:
            given["weights"] = {**before.get("weights", {}), **given["weights"]}
        commit = Commit(actor=actor_of(settings_for(ctx, db=db)))
        answer = set_grid_settings(store, code, {**before, **given}, commit=commit)
        say(Message("console.stored", {"revision": answer["revision"]}))
    if as_json:
        print_json(answer)
        return
    print_table(Message("cli_grids.rules", {"code": code}), _rows(answer))


def _rows(answer: Json) -> list[Json]:
    """Return one row per rule: what it is, and whether the district sets it."""
    rules, own = answer["rules"], answer["set"]
    flat = {name: rules[name] for name in ("band", "beat", "reach", "split_names", "notice_phone")}
    flat |= {f"weights {name}": value for name, value in rules["weights"].items()}
    weights = own.get("weights", {})
    return [
        {
            "heads.setting": name,
            "heads.value": _shown(value),
            "heads.own": "✓" if name in own or name.removeprefix("weights ") in weights else "",
        }
        for name, value in flat.items()
    ]


def _shown(value: object) -> str:
    return " ".join(f"{each:g}" for each in value) if isinstance(value, list) else str(value)
