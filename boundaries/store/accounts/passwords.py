"""Passwords: what may be one, hashing (argon2id), and comparison that tells nobody anything."""

import unicodedata
from functools import lru_cache
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from geo.errors import InputError

SHORTEST: Final = 12
"""Characters; NIST SP 800-63B asks for 8, and for more where nothing else protects."""

LONGEST: Final = 256
"""Characters; a longer one would only keep the hash busy."""

HASHER: Final = PasswordHasher()
"""Parameters of RFC 9106 for machines with little memory: 64 MiB, 3 passes, 4 lanes."""


def check_password(password: str, *, name: str) -> None:
    """Raise `InputError` if a password is too short, too long, or the name itself."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise InputError("accounts.password_length", n=len(password), least=SHORTEST, most=LONGEST)
    if _normal(password).casefold() == name.casefold():
        raise InputError("accounts.password_is_name")
    if len(set(password)) == 1:
        raise InputError("accounts.password_repeats")


def hashed(password: str) -> str:
    """Return the hash of a password, with its salt and parameters."""
    return HASHER.hash(_normal(password))


def matches(password: str, stored: str | None) -> bool:
    """Return whether a password is the one that was hashed.

    Without a stored hash, another one is computed and the answer is no: it takes the same time.
    """
    try:
        HASHER.verify(stored or _nobodys(), _normal(password[: LONGEST + 1]))
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None


def is_outdated(stored: str) -> bool:
    """Return whether a hash was made with other parameters than those of today."""
    return HASHER.check_needs_rehash(stored)


def _normal(password: str) -> str:
    """Return the same text for the same characters, however a keyboard composes them."""
    return unicodedata.normalize("NFKC", password.encode("utf-8", "replace").decode())


@lru_cache(maxsize=1)
def _nobodys() -> str:
    """Return the hash of no password, made with the parameters of today."""
    return HASHER.hash("")
