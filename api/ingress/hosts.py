"""Host check: a service answers only under names that are its own.

Without it, a page of any site could have its own name resolve to this machine (DNS rebinding), and
a browser would then let that page read and change what is served on loopback.
"""

import ipaddress
import re
from collections.abc import Iterable
from typing import Final, NamedTuple

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from api.errors import shown
from api.formats.problems import MISDIRECTED
from api.http.middleware import HEADERS
from api.http.problems import problem
from geo.errors import InputError
from geo.messages import Message

_HOST: Final = re.compile(r"(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(?::(\d{1,5}))?")
_ANY: Final = ("0.0.0.0", "::")  # noqa: S104 - compared, not listened on
_FORWARDED: Final = "x-forwarded-host"
_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Name(NamedTuple):
    """A host as a request names it: name or address in its canonical form, and its port or ""."""

    name: str
    port: str


def parse_host(text: str) -> Name | None:
    """Return the host that a header names; None if it names none.

    Examples
    --------
    >>> parse_host("Example.org.:8000"), parse_host("[0::1]")
    (Name(name='example.org', port='8000'), Name(name='::1', port=''))
    >>> parse_host("a b")
    """
    match = _HOST.fullmatch(text.strip())
    return Name(_canonical(match[1]), match[2] or "") if match else None


def _canonical(name: str) -> str:
    address = _address(name.strip("[]"))
    return name.lower().removesuffix(".") if address is None else str(address)


def _address(name: str) -> _Address | None:
    try:
        return ipaddress.ip_address(name)
    except ValueError:
        return None


class Hosts:
    """The hosts under which a service may be asked.

    Loopback always; the address that it listens on, or any address of this machine at which a
    request arrives if it listens on all of them; and what the setting `hosts` names.

    Parameters
    ----------
    setting : str
        Names and addresses, separated by commas. With a port they mean that port, else any;
        ``*.example.org`` means every name below ``example.org``.
    listening : str
        Address that the service listens on.

    Raises
    ------
    InputError
        If the setting names something that is no host.

    Examples
    --------
    >>> hosts = Hosts("*.example.org", "127.0.0.1")
    >>> [hosts.allows(Name(name, "80")) for name in ("map.example.org", "example.org", "::1")]
    [True, False, True]
    """

    def __init__(self, setting: str, listening: str) -> None:
        self._exact = {Name(_canonical(listening), "")}
        self._below: set[Name] = set()
        self._every_address = listening in _ANY
        for part in filter(None, (part.strip() for part in setting.split(","))):
            host = parse_host(part.removeprefix("*."))
            if host is None:
                raise InputError("service.hosts", got=shown(part))
            (self._below if part.startswith("*.") else self._exact).add(host)

    def allows(self, host: Name, arrived_at: str = "") -> bool:
        """Return whether a request may name `host` that came in at a local address."""
        address = _address(host.name)
        if host.name == "localhost" or (address is not None and address.is_loopback):
            return True
        if self._every_address and host.name == arrived_at:
            return True
        return any(
            Name(host.name, port) in self._exact or self._is_below(host.name, port)
            for port in ("", host.port)
        )

    def _is_below(self, name: str, port: str) -> bool:
        labels = name.split(".")
        return any(Name(".".join(labels[i:]), port) in self._below for i in range(1, len(labels)))


class HostMiddleware:
    """Refuse requests for another host (421), and take the host that a trusted proxy was asked for.

    A host that a proxy forwards is checked as well, so it never makes more possible than ``Host``
    alone. Afterwards ``Host`` is what the caller asked for, as links and checks of origin need it.

    Parameters
    ----------
    app : ASGI application
    hosts : Hosts
    proxies : str
        Addresses and networks whose ``X-Forwarded-*`` headers are believed.
    """

    def __init__(self, app: ASGIApp, *, hosts: Hosts, proxies: str) -> None:
        self._hosts = hosts
        self._forwarding = ProxyHeadersMiddleware(app, proxies)  # type: ignore[arg-type]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] == "http":
            headers = Headers(scope=scope)
            wrong = self._wrong(scope, headers)
            if wrong is not None:
                await _refusal(wrong)(scope, receive, send)
                return
            forwarded = self._forwarded(scope, headers)
            if forwarded:
                scope["headers"] = _with_host(scope["headers"], forwarded[0])
        await self._forwarding(scope, receive, send)  # type: ignore[arg-type]

    def _wrong(self, scope: Scope, headers: Headers) -> str | None:
        """Return the first host that is not ours; None if there is none."""
        arrived_at = (scope.get("server") or ("", None))[0]
        given = headers.getlist("host") or [""]
        for text in (*given, *self._forwarded(scope, headers)):
            host = parse_host(text)
            if host is None or not self._hosts.allows(host, arrived_at):
                return text
        return None

    def _forwarded(self, scope: Scope, headers: Headers) -> list[str]:
        """Return the hosts that a trusted proxy forwards; the first is the client's."""
        peer = (scope.get("client") or ("", 0))[0]
        if peer not in self._forwarding.trusted_hosts:
            return []
        return [
            part.strip() for line in headers.getlist(_FORWARDED) for part in line.split(",") if part
        ]


def _with_host(headers: Iterable[tuple[bytes, bytes]], host: str) -> list[tuple[bytes, bytes]]:
    others = [(name, value) for name, value in headers if name != b"host"]
    return [(b"host", host.encode("latin-1")), *others]


def _refusal(host: str) -> ASGIApp:
    return problem(
        MISDIRECTED,
        Message("service.other_host", {"got": shown(host)}),
        headers=HEADERS,
    )
