"""Sign-in by name and password, guarded against guessing."""

from collections.abc import Callable
from typing import Final, TypeVar
from urllib.parse import parse_qs

from anyio import CapacityLimiter, to_thread
from fastapi import Request

from api.accounts.schemas import PasswordChange
from api.errors import RoleError, SignInError, TooLargeError
from api.http.callers.foreign_pages import names_its_origin
from api.identity.authenticator import Authenticator
from api.identity.throttle import Throttle
from boundaries.store.accounts.accounts import normal_name
from geo.errors import InputError

_FORM_BYTES: Final = 8_192
_MOST_FIELDS: Final = 10
_HASHES_AT_ONCE: Final = 2

_T = TypeVar("_T")


class SignInGate:
    """Counts tries and bounds the hashes at a time: each takes 64 MiB and a core."""

    def __init__(self) -> None:
        self._throttle = Throttle()
        self._limiter: CapacityLimiter | None = None

    async def sign_in(
        self, request: Request, knowing: Authenticator, name: str, password: str, *, hours: float
    ) -> str:
        """Return the token of a new session.

        Raises
        ------
        SignInError
            If there is no such name, it is revoked, or the password is wrong: the same for all.
        TooManyError
            If there were too many tries.
        """
        name, address = normal_name(name), _address(request)
        self._throttle.count(name, address)

        def begin() -> str | None:
            account = knowing.accounts.verified(name, password)
            if account is None:
                return None
            return knowing.sessions.begin(account.name, hours=hours, account=account.name)

        token = await self._hashing(begin)
        if token is None:
            raise SignInError("sign_in.wrong")
        self._throttle.forgive(name, address)
        return token

    async def change_password(
        self,
        request: Request,
        knowing: Authenticator,
        account: str,
        change: PasswordChange,
        *,
        hours: float,
    ) -> str:
        """Change a password, which ends all sessions, and return the token of a new one."""
        self._throttle.count(account, _address(request))

        def renew() -> str | None:
            if knowing.accounts.verified(account, change.current) is None:
                return None
            knowing.accounts.set_password(account, change.new)
            return knowing.sessions.begin(account, hours=hours, account=account)

        token = await self._hashing(renew)
        if token is None:
            raise RoleError("sign_in.wrong_current")
        self._throttle.forgive(account, _address(request))
        knowing.forget()
        return token

    async def _hashing(self, work: Callable[[], _T]) -> _T:
        if self._limiter is None:  # made here, where the loop runs
            self._limiter = CapacityLimiter(_HASHES_AT_ONCE)
        return await to_thread.run_sync(work, limiter=self._limiter)


async def read_form(request: Request) -> tuple[str, str]:
    """Return the name and the password of a form, which a page of this service must send.

    Raises
    ------
    RoleError
        If another site's page, or nobody knows which, sends it.
    InputError
        If it is no such form.
    """
    if not names_its_origin(request.scope):
        raise RoleError("sign_in.foreign_form")
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > _FORM_BYTES:
            raise TooLargeError("sign_in.large_form")
    try:
        fields = parse_qs(body.decode("utf-8", "replace"), max_num_fields=_MOST_FIELDS)
    except ValueError:
        fields = {}
    if not {"name", "password"} <= fields.keys():
        raise InputError("sign_in.no_name")
    return fields["name"][0], fields["password"][0]


def _address(request: Request) -> str:
    return request.client.host if request.client else ""
