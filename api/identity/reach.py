"""Who can reach the service, and what that demands."""

from typing import TYPE_CHECKING, Final

from api.settings import Settings
from geo.errors import InputError

if TYPE_CHECKING:
    from boundaries.store.interface import Store

LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")
READ: Final = "read"


def is_open(settings: Settings) -> bool:
    """Return whether reading is public; raise `InputError` if the setting says something else."""
    if settings.open not in ("", READ):
        raise InputError("service.open", got=settings.open, known=READ)
    return settings.open == READ


def check_reach(settings: Settings, store: "Store") -> None:
    """Refuse to serve the unknown by accident.

    Raises
    ------
    InputError
        If the service could be reached from beyond this machine, there are no accounts, and
        nobody said that reading is public.
    """
    from boundaries.store.accounts.accounts import AccountTable  # noqa: PLC0415 - heavy

    if is_open(settings) or settings.host in LOOPBACK or settings.oidc_issuer:
        return
    if not AccountTable(store).exist():
        raise InputError("service.no_accounts", host=settings.host)
