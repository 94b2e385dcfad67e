"""How long an API key lives, and how its makers wait; the rest is in tests of attacks."""

import sqlite3
from threading import Timer

import pytest

from boundaries.store.accounts.accounts import AccountTable
from boundaries.store.accounts.keys import KeyTable
from boundaries.store.accounts.roles import parse_roles
from boundaries.store.open import open_store
from geo.errors import InputError
from tests.stores import empty_store


def test_a_key_is_valid_for_ten_years_at_most(tmp_path):
    store = open_store(tmp_path / "keys.gpkg", create=True)
    keys, roles = KeyTable(store), parse_roles(["viewer"])
    keys.add("sensor", roles, days=3_650)
    with pytest.raises(InputError, match=r"Got 3650\.5 days; wanted more than 0 and up to 3650"):
        keys.add("other", roles, days=3_650.5)
    store.close()


def test_who_administers_keys_and_accounts_waits_for_a_commit(tmp_path):
    path = tmp_path / "keys.gpkg"
    store = empty_store(path)
    keys, accounts = KeyTable(store), AccountTable(store)
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    roles = parse_roles(["viewer"])
    accounts.add("vera", "a long password of hers", roles)
    for work in (
        lambda: keys.add("sensor", roles, days=1),
        keys.keys,
        accounts.accounts,
        lambda: accounts.set_roles("vera", parse_roles(["planner"])),
    ):
        other.execute("BEGIN EXCLUSIVE")
        commit = Timer(0.3, other.execute, ["COMMIT"])  # three times as long as a request waits
        commit.start()
        work()
        commit.join()
    other.close()
    store.close()
