"""A browser that is refused at the sign-in reads why on the page, whoever refuses it."""

import re

import httpx
import pytest

from api.errors import BusyError
from boundaries.store.accounts.sessions import SessionTable
from geo.errors import StorageFullError, UnavailableError
from maps.words.catalogue import say
from tests.attacks.people import PASSWORD

FORM = {"name": "vera", "password": PASSWORD}
REFUSED = [
    ("POST", "/sign-in", {"data": FORM, "Origin": "https://evil.example"}, 403, "foreign"),
    ("POST", "/sign-in", {"data": {"name": "vera"}}, 400, "form"),
    ("POST", "/sign-in", {"data": {**FORM, "password": "x" * 9_000}}, 413, "form"),
    ("GET", "/sign-in/issuer", {}, 404, "no_issuer"),
    ("GET", "/sign-in", {"Host": "evil.example"}, 421, "host"),
]


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("refused", REFUSED)
def test_a_browser_that_is_refused_reads_why_on_the_page(town, refused, lang):
    method, path, given, status, why = refused
    headers = {"Accept": "text/html", "Origin": str(town.client.base_url).rstrip("/")}
    headers |= {name: given[name] for name in ("Origin", "Host") if name in given}
    params = {"lang": lang} if path == "/sign-in" else {}  # the others go by the browser
    headers["Accept-Language"] = lang
    asked = {"params": params, "data": given.get("data"), "headers": headers}
    answer = town.client.request(method, path, **asked)
    check_page(answer, status, say(lang, f"sign_in.{why}"), lang)
    asked["headers"]["Accept"] = "*/*"
    plain = town.client.request(method, path, **asked)
    assert plain.status_code == status
    assert plain.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("error", "status", "why"),
    [
        (StorageFullError("full"), 507, "full"),
        (UnavailableError("down"), 503, "unavailable"),
        (BusyError("busy"), 503, "unavailable"),
        (RuntimeError("a fault"), 500, "fault"),
    ],
)
def test_a_browser_reads_why_a_sign_in_cannot_be_stored(town, monkeypatch, error, status, why):
    def refuse(*_: object, **__: object) -> str:
        raise error

    monkeypatch.setattr(SessionTable, "begin", refuse)
    headers = {"Accept": "text/html", "Accept-Encoding": "gzip", "Accept-Language": "zh-CN"}
    answer = town.sign_in("vera", headers=headers)
    check_page(answer, status, say("zh", f"sign_in.{why}"), "zh")
    if status == 503:
        assert int(answer.headers["retry-after"]) > 0


def check_page(answer: httpx.Response, status: int, sentence: str, lang: str) -> None:
    """Expect the page of the sign-in with a sentence; its files are found from where it is."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["cache-control"] == "no-store"
    assert "script-src" not in answer.headers["content-security-policy"]
    assert sentence in answer.text
    assert f'lang="{lang}"' in answer.text
    assert answer.headers["content-language"] == lang
    style = re.search(r'rel="stylesheet" href="([^"]+)"', answer.text)
    assert answer.request.url.join(style[1]).path == "/static/css/sign_in.css"
