"""Address of a PostgreSQL database, with and without its password."""

from urllib.parse import quote

from sqlalchemy import URL, exc, make_url


def is_address(text: str) -> bool:
    """Return whether a text is the address of a PostgreSQL database."""
    return text.startswith(("postgresql", "postgres:"))


def shown(address: str | URL) -> str:
    """Return an address without its password, also where it cannot be read."""
    try:
        url = make_url(address).difference_update_query(["password", "sslpassword"])
    except (exc.ArgumentError, ValueError):
        return str(address).rsplit("@", maxsplit=1)[-1].split("?", maxsplit=1)[0]
    return url.render_as_string(hide_password=True)


def secrets(address: str) -> tuple[str, ...]:
    """Return the password of an address, as it is and as an address spells it.

    Examples
    --------
    >>> secrets("postgresql://me:a%40b@host/db")
    ('a@b', 'a%40b')
    """
    try:
        url = make_url(address)
    except (exc.ArgumentError, ValueError):
        return ()
    given = (url.password, url.query.get("password"), url.query.get("sslpassword"))
    texts = [text for text in given if isinstance(text, str) and text]
    return tuple(dict.fromkeys(each for text in texts for each in (text, quote(text, safe=""))))
