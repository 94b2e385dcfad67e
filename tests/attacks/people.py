"""A service of two equal districts, ``371602`` and ``371603``, with people of every role."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Final

import httpx

from api.app import create_app
from api.settings import read_settings
from boundaries.store.accounts.accounts import AccountTable
from boundaries.store.accounts.keys import KeyTable
from boundaries.store.accounts.roles import parse_roles
from boundaries.store.interface import Store
from tests.api.serving import serving
from tests.scenes import tiny_district
from tests.stores import copied_store

OURS: Final = "371602"
THEIRS: Final = "371603"
PASSWORD: Final = "correct horse battery"  # noqa: S105 - of made-up people
ROLES: Final = {
    "vera": ["viewer"],
    "vic": [f"viewer:{OURS}"],
    "paul": ["planner"],
    "pia": [f"planner:{OURS}"],
    "ada": ["admin"],
    "abe": [f"admin:{OURS}"],
    "mia": [f"viewer:{OURS}", f"planner:{THEIRS}"],
}
"""Account, and key of the same name -> roles."""


@dataclass(frozen=True)
class Town:
    """A running service and what opens it."""

    client: httpx.Client
    store: Store
    keys: dict[str, str]
    app: Any

    def ask(self, who: str, method: str, path: str, **given: Any) -> httpx.Response:
        """Ask by the key of somebody; by nothing as nobody."""
        headers = {**given.pop("headers", {})}
        if who:
            headers["Authorization"] = f"Bearer {self.keys[who]}"
        return self.client.request(method, path, headers=headers, **given)

    def get(self, who: str, path: str, **given: Any) -> httpx.Response:
        return self.ask(who, "GET", path, **given)

    def sign_in(
        self, name: str, password: str = PASSWORD, *, headers: dict[str, str] | None = None
    ) -> httpx.Response:
        """Send the form as a page of the service does."""
        sent = {"Origin": str(self.client.base_url).rstrip("/"), **(headers or {})}
        form = {"name": name, "password": password}
        answer = self.client.post("/sign-in", data=form, headers=sent)
        self.client.cookies.clear()
        return answer

    def session(self, name: str) -> dict[str, str]:
        """Sign in; return the headers of a page that is signed in."""
        answer = self.sign_in(name)
        assert answer.status_code == 303, answer.text
        cookie = answer.headers["set-cookie"].split(";")[0]
        return {"Cookie": cookie, "Origin": str(self.client.base_url).rstrip("/")}


def two_districts(store: Store) -> None:
    """Store two districts that are equal but for their names."""
    district, layers = tiny_district()
    store.replace(district, layers)
    store.replace(replace(district, code=THEIRS, name_en="Neighbour"), layers)


def add_people(store: Store) -> dict[str, str]:
    """Store people of every role; return their keys by name."""
    keys = {}
    for name, roles in ROLES.items():
        AccountTable(store).add(name, PASSWORD, parse_roles(roles))
        keys[name] = KeyTable(store).add(name, parse_roles(roles), days=1).text
    return keys


@contextmanager
def served_town(address: str, **settings: Any) -> Iterator[Town]:
    """Serve two districts with people of every role."""
    store = copied_store(address, "districts_of_people", two_districts)
    keys = add_people(store)
    app = create_app(read_settings(db=address, editable=True, cache="", **settings))
    with serving(app) as client:
        yield Town(client, store, keys, app)
    store.close()
