"""``lifecircle user`` and ``key``: who may use the service, and with which role."""

import sys
from contextlib import closing
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from api.console.options import DbOption, JsonOption, store_of
from api.console.output import print_json, print_table, print_text
from api.console.terms import STATES, term
from geo.messages import Message

if TYPE_CHECKING:
    from boundaries.store.accounts.accounts import Account
    from boundaries.store.accounts.keys import ApiKey, NewKey
    from boundaries.store.accounts.roles import Roles

NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="Name of the account.")]
KeyArgument = Annotated[str, typer.Argument(metavar="NAME", help="Name of the program.")]
RoleOption = Annotated[
    list[str],
    typer.Option(
        "--role",
        metavar="ROLE[:CODE]",
        help="viewer, planner or admin, for all districts or for one (planner:371602); repeatable.",
    ),
]
PasswordOption = Annotated[
    bool,
    typer.Option("--password-stdin", help="Read the password from standard input, not a prompt."),
]
DaysOption = Annotated[float, typer.Option("--days", help="Days until the key expires.")]
_DAYS: Final = 90.0


def add_user(
    ctx: typer.Context,
    name: NameArgument,
    *,
    role: RoleOption,
    from_stdin: PasswordOption = False,
    db: DbOption = None,
    as_json: JsonOption = False,
) -> None:
    """Add an account; the database is made if it is not there."""
    from api.console.options import settings_for  # noqa: PLC0415 - heavy
    from boundaries.store.accounts.accounts import (  # noqa: PLC0415 - heavy
        AccountTable,
        checked_name,
    )
    from boundaries.store.accounts.roles import parse_roles  # noqa: PLC0415 - heavy
    from boundaries.store.open import open_store  # noqa: PLC0415 - heavy

    roles = parse_roles(role)
    password = _new_password(checked_name(name), from_stdin=from_stdin)
    with closing(open_store(settings_for(ctx, db=db).db, create=True)) as store:
        account = AccountTable(store).add(name, password, roles)
    if as_json:
        print_json(_account_row(account))
    else:
        print_text(_about("cli_accounts.added", account.name, account.roles))


def list_users(ctx: typer.Context, *, db: DbOption = None, as_json: JsonOption = False) -> None:
    """List the accounts."""
    from boundaries.store.accounts.accounts import AccountTable  # noqa: PLC0415 - heavy

    store = store_of(ctx, db)
    accounts = AccountTable(store).accounts()
    if as_json:
        print_json({"accounts": [_account_row(account) for account in accounts]})
        return
    rows: list[dict[str, object]] = [
        {
            "heads.name": account.name,
            "heads.roles": _roles_text(account.roles),
            "heads.active": Message("cli_accounts.yes" if account.active else "terms.revoked"),
            "heads.created": account.created_at[:10],
            "heads.changed": account.changed_at[:10],
        }
        for account in accounts
    ]
    print_table(Message("cli_accounts.title"), rows)


def revoke_user(ctx: typer.Context, name: NameArgument, *, db: DbOption = None) -> None:
    """Remove an account; its sessions end at once."""
    from boundaries.store.accounts.accounts import AccountTable  # noqa: PLC0415 - heavy

    store = store_of(ctx, db)
    AccountTable(store).revoke(name)
    print_text(Message("cli_accounts.revoked", {"name": name}))


def set_user_password(
    ctx: typer.Context,
    name: NameArgument,
    *,
    from_stdin: PasswordOption = False,
    db: DbOption = None,
) -> None:
    """Set a new password; the account's sessions end."""
    from boundaries.store.accounts.accounts import AccountTable  # noqa: PLC0415 - heavy

    store = store_of(ctx, db)
    accounts = AccountTable(store)
    account = accounts.account(name)
    accounts.set_password(account.name, _new_password(account.name, from_stdin=from_stdin))
    print_text(Message("cli_accounts.password_set", {"name": account.name}))


def set_user_roles(
    ctx: typer.Context, name: NameArgument, *, role: RoleOption, db: DbOption = None
) -> None:
    """Set the roles of an account; they count at once."""
    from boundaries.store.accounts.accounts import AccountTable  # noqa: PLC0415 - heavy
    from boundaries.store.accounts.roles import parse_roles  # noqa: PLC0415 - heavy

    roles = parse_roles(role)
    store = store_of(ctx, db)
    AccountTable(store).set_roles(name, roles)
    print_text(_about("cli_accounts.roles_set", name, roles))


def add_key(
    ctx: typer.Context,
    name: KeyArgument,
    *,
    role: RoleOption,
    days: DaysOption = _DAYS,
    db: DbOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make an API key for a program; it is shown only now."""
    from boundaries.store.accounts.keys import KeyTable  # noqa: PLC0415 - heavy
    from boundaries.store.accounts.roles import parse_roles  # noqa: PLC0415 - heavy

    roles = parse_roles(role)
    store = store_of(ctx, db)
    _show_new(KeyTable(store).add(name, roles, days=days), as_json=as_json)


def list_keys(ctx: typer.Context, *, db: DbOption = None, as_json: JsonOption = False) -> None:
    """List the API keys by their first characters."""
    from boundaries.store.accounts.keys import KeyTable  # noqa: PLC0415 - heavy

    store = store_of(ctx, db)
    keys = KeyTable(store).keys()
    if as_json:
        print_json({"keys": [_key_row(key) for key in keys]})
        return
    rows: list[dict[str, object]] = [
        {
            "heads.key": f"{key.prefix}_...",
            "heads.name": key.name,
            "heads.roles": _roles_text(key.roles),
            "heads.state": term(_state(key), STATES),
            "heads.expires": key.expires_at[:16],
            "heads.last_used": (key.used_at or str(Message("cli_accounts.never")))[:13],
        }
        for key in keys
    ]
    print_table(Message("cli_accounts.keys"), rows)


def revoke_key(
    ctx: typer.Context,
    name: Annotated[
        str,
        typer.Argument(metavar="NAME|KEY", help="Name of a program, or first characters of a key."),
    ],
    *,
    db: DbOption = None,
) -> None:
    """Revoke the keys of a program, or one key."""
    from boundaries.store.accounts.keys import KeyTable  # noqa: PLC0415 - heavy

    store = store_of(ctx, db)
    for key in KeyTable(store).revoke(name):
        revoked = {"prefix": key.prefix, "name": key.name}
        print_text(Message("cli_accounts.key_revoked", revoked))


def rotate_key(
    ctx: typer.Context,
    name: KeyArgument,
    *,
    days: DaysOption = _DAYS,
    overlap_hours: Annotated[
        float, typer.Option("--overlap-hours", help="Hours for which the old key still works.")
    ] = 0.0,
    db: DbOption = None,
    as_json: JsonOption = False,
) -> None:
    """Replace the key of a program; the roles stay."""
    from boundaries.store.accounts.keys import KeyTable  # noqa: PLC0415 - heavy

    store = store_of(ctx, db)
    new = KeyTable(store).rotate(name, days=days, overlap_hours=overlap_hours)
    _show_new(new, as_json=as_json)


def _new_password(name: str, *, from_stdin: bool) -> str:
    """Return a new password, typed twice or read from standard input."""
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    typed: str = typer.prompt(
        str(Message("cli_accounts.password_of", {"name": name})),
        hide_input=True,
        confirmation_prompt=str(Message("cli_accounts.again")),
        err=True,
    )
    return typed


def _show_new(new: "NewKey", *, as_json: bool) -> None:
    if as_json:
        print_json({"key": new.text, **_key_row(new.key)})
        return
    print_text(new.text)
    until = {"until": new.key.expires_at[:16]}
    print_text(_about("cli_accounts.new_key", new.key.name, new.key.roles, **until))
    print_text("Authorization: Bearer KEY")


def _about(code: str, name: str, roles: "Roles", **more: str) -> Message:
    return Message(code, {"name": name, "roles": _roles_text(roles), **more})


def _roles_text(roles: "Roles") -> str:
    """Return roles as the options take them."""
    return ", ".join(
        str(role) if code == "*" else f"{role}:{code}"
        for code, role in sorted(roles.by_district.items())
    )


def _account_row(account: "Account") -> dict[str, Any]:
    return {
        "name": account.name,
        "roles": dict(account.roles.by_district),
        "active": account.active,
        "created_at": account.created_at,
        "changed_at": account.changed_at,
    }


def _key_row(key: "ApiKey") -> dict[str, Any]:
    return {
        "prefix": key.prefix,
        "name": key.name,
        "roles": dict(key.roles.by_district),
        "valid": key.is_valid,
        "created_at": key.created_at,
        "expires_at": key.expires_at,
        "revoked_at": key.revoked_at,
        "used_at": key.used_at,
    }


def _state(key: "ApiKey") -> str:
    if key.revoked_at is not None:
        return "revoked"
    return "valid" if key.is_valid else "expired"
