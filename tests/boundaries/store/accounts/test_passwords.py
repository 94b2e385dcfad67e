"""What may be a password; hashing and signing in are in tests/attacks/test_accounts.py."""

from contextlib import nullcontext

import pytest

from boundaries.store.accounts.passwords import check_password
from geo.errors import InputError


@pytest.mark.parametrize(
    ("length", "is_taken"), [(11, False), (12, True), (256, True), (257, False)]
)
def test_a_password_has_12_to_256_characters(length, is_taken):
    password = ("correct horse battery " * 12)[:length]
    refused = pytest.raises(InputError, match=f"Got a password of {length} characters")
    with nullcontext() if is_taken else refused:
        check_password(password, name="anna")
