"""How long an API key lives; what it opens is in tests/attacks/test_accounts.py."""

import pytest

from boundaries.store.accounts.keys import KeyTable
from boundaries.store.accounts.roles import parse_roles
from boundaries.store.open import open_store
from geo.errors import InputError


def test_a_key_is_valid_for_ten_years_at_most(tmp_path):
    store = open_store(tmp_path / "keys.gpkg", create=True)
    keys, roles = KeyTable(store), parse_roles(["viewer"])
    keys.add("sensor", roles, days=3_650)
    with pytest.raises(InputError, match=r"Got 3650\.5 days; wanted more than 0 and up to 3650"):
        keys.add("other", roles, days=3_650.5)
    store.close()
