"""Tokens and sign-ins of an issuer, each attack with the answer expected."""

import hmac
import json
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from api.app import create_app
from api.identity import authenticator
from api.settings import read_settings
from geo.errors import InputError
from maps.words.catalogue import say
from tests.api.serving import serving
from tests.attacks.issuer import (
    AUDIENCE,
    CLIENT,
    SECRET,
    Issuer,
    public_pem,
    rsa_key,
    serving_issuer,
)
from tests.attacks.people import OURS
from tests.scenes import tiny_store
from tests.stores import empty_store


def settings_of(issuer: Issuer, path: Any, **more: Any) -> Any:
    return read_settings(
        db=str(path), cache="", oidc_issuer=issuer.url, oidc_client_id=CLIENT,
        oidc_client_secret=SECRET, oidc_audience=AUDIENCE,
        oidc_roles=f"planners=planner, chiefs=admin, street=viewer:{OURS}", **more,
    )  # fmt: skip


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    with serving_issuer() as made:
        yield made


@pytest.fixture
def client(issuer, tmp_path, monkeypatch) -> Iterator[httpx.Client]:
    """A service without accounts of its own, whose callers the issuer vouches for."""
    monkeypatch.setattr(authenticator, "FRESH_S", -1.0)
    store = tiny_store(tmp_path / "a.gpkg")
    with serving(create_app(settings_of(issuer, tmp_path / "a.gpkg"))) as made:
        yield made
    store.close()


def me(client: httpx.Client, token: str) -> httpx.Response:
    return client.get("/districts", headers={"Authorization": f"Bearer {token}".encode("latin-1")})


def who(client: httpx.Client, token: str) -> dict[str, Any]:
    return client.get("/me", headers={"Authorization": f"Bearer {token}"}).json()


def part(value: Any) -> str:
    return urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def test_a_token_of_the_issuer_opens_by_its_claims(client, issuer):
    assert me(client, issuer.token()).status_code == 200
    said = who(client, issuer.token())
    assert (said["name"], said["known"], said["roles"]) == ("oidc:olga", "token", {"*": "planner"})
    assert who(client, issuer.token(roles="street other"))["roles"] == {OURS: "viewer"}
    assert who(client, issuer.token(roles=["planners", "chiefs"]))["roles"] == {"*": "admin"}
    assert client.get("/districts").status_code == 401


def test_a_browser_that_comes_back_in_vain_reads_why_and_can_try_again(client):
    back = client.get(
        "/sign-in/return?code=x&state=y", headers={"Accept": "text/html", "Accept-Language": "zh"}
    )
    assert back.status_code == 401
    assert say("zh", "sign_in.not_begun") in back.text
    assert 'href="../sign-in/issuer"' in back.text


@pytest.mark.parametrize("roles", [[], None, ["unknown"], {"planners": 1}, [["planners"]], 7])
def test_a_claim_that_names_no_role_gives_none(client, issuer, roles):
    assert who(client, issuer.token(roles=roles))["roles"] == {}
    assert me(client, issuer.token(roles=roles)).status_code == 403


def test_no_signature_is_no_token(client, issuer):
    content = jwt.decode(issuer.token(), options={"verify_signature": False})
    for alg in ("none", "None", "NONE", ""):
        token = f"{part({'alg': alg, 'typ': 'JWT', 'kid': 'one'})}.{part(content)}."
        assert me(client, token).status_code == 401, alg


def test_the_public_key_is_no_shared_secret(client, issuer):
    """An attacker signs by HS256 with the key that everybody can read."""
    content = jwt.decode(issuer.token(), options={"verify_signature": False})
    for secret in (public_pem(issuer.keys["one"]), json.dumps(issuer.jwks()["keys"][0]).encode()):
        head = f"{part({'alg': 'HS256', 'typ': 'JWT', 'kid': 'one'})}.{part(content)}"
        signature = hmac.digest(secret, head.encode(), "sha256")
        token = f"{head}.{urlsafe_b64encode(signature).decode().rstrip('=')}"
        assert me(client, token).status_code == 401


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://evil.example"},
        {"iss": None},
        {"aud": "another-api"},
        {"aud": CLIENT},  # of a sign-in, not of the API
        {"aud": None},
        {"aud": []},
        {"exp": None},
        {"exp": 1},
        {"exp": "tomorrow"},
        {"iat": None},
        {"sub": None},
        {"nbf": 4_000_000_000},
        {"iat": 4_000_000_000},
    ],
)
def test_a_token_for_others_or_out_of_time_opens_nothing(client, issuer, claims):
    key = issuer.keys["one"]
    content = {**jwt.decode(issuer.token(), options={"verify_signature": False}), **claims}
    content = {name: value for name, value in content.items() if value is not None}
    head = f"{part({'alg': 'RS256', 'typ': 'JWT', 'kid': 'one'})}.{part(content)}"
    signed = jwt.get_algorithm_by_name("RS256").sign(head.encode(), key)
    token = f"{head}.{urlsafe_b64encode(signed).decode().rstrip('=')}"
    assert me(client, token).status_code == 401


def test_clocks_may_differ_a_little(client, issuer):
    now = int(time.time())
    assert me(client, issuer.token(exp=now - 20)).status_code == 200
    assert me(client, issuer.token(exp=now - 120)).status_code == 401
    assert me(client, issuer.token(iat=now + 20)).status_code == 200


def test_another_key_under_a_known_name_opens_nothing(client, issuer):
    assert me(client, issuer.token(rsa_key())).status_code == 401


def test_an_unknown_key_makes_us_ask_the_issuer_a_few_times_at_most(client, issuer):
    stranger = rsa_key()
    for n in range(20):
        assert me(client, issuer.token(stranger, kid=f"k{n}")).status_code == 401
    assert 1 <= issuer.fetched <= 6
    for header in ({"alg": "RS256"}, {"alg": "RS256", "kid": 7}, {"alg": "RS256", "kid": None}):
        assert me(client, f"{part(header)}.{part({})}.AAAA").status_code == 401


def test_a_new_key_of_the_issuer_counts_and_an_old_one_no_more(client, issuer):
    assert me(client, issuer.token()).status_code == 200
    old = issuer.keys.pop("one")
    issuer.keys["two"] = ec.generate_private_key(ec.SECP256R1())
    assert me(client, issuer.token(kid="two", alg="ES256")).status_code == 200
    assert me(client, issuer.token(old)).status_code == 401


@pytest.mark.parametrize("token", ["a.b.c", "..", "a.b", "é.b.c", "e30.e30.e30", "x" * 9_000])
def test_what_is_no_token_is_401_and_never_a_fault(client, token):
    assert me(client, token).status_code == 401


# --- signing in --------------------------------------------------------------------------------


def leave(client: httpx.Client) -> tuple[str, str]:
    """Go to the issuer; return its address and the cookie of the attempt."""
    gone = client.get("/sign-in/issuer")
    client.cookies.clear()
    assert gone.status_code == 303
    cookie = gone.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    return gone.headers["location"], cookie.split(";")[0]


def back(client: httpx.Client, query: dict[str, str], cookie: str) -> httpx.Response:
    answer = client.get("/sign-in/return", params=query, headers={"Cookie": cookie})
    client.cookies.clear()
    return answer


def test_signing_in_at_the_issuer(client, issuer):
    url, cookie = leave(client)
    assert url.startswith(issuer.url)
    assert SECRET not in url
    answer = back(client, {**issuer.sign_in(url), "session_state": "x"}, cookie)
    assert (answer.status_code, answer.headers["location"]) == (303, "/?lang=en")
    page = {"Cookie": answer.headers.get_list("set-cookie")[0].split(";")[0]}
    said = client.get("/me", headers=page).json()
    assert (said["name"], said["known"], said["own_password"]) == ("oidc:olga", "session", False)
    assert client.get("/districts", headers=page).status_code == 200


def test_a_sign_in_that_this_browser_did_not_begin_is_refused(client, issuer):
    url, cookie = leave(client)
    brought = issuer.sign_in(url)
    assert back(client, brought, "a=b").status_code == 401
    assert back(client, {**brought, "state": "other"}, cookie).status_code == 401
    assert back(client, {"code": brought["code"], "state": ""}, cookie).status_code == 401
    other = leave(client)[1]
    assert back(client, brought, other).status_code == 401
    assert (
        back(client, {"error": "access_denied", "state": brought["state"]}, cookie).status_code
        == 401
    )
    assert back(client, brought, cookie).status_code == 303
    assert back(client, brought, cookie).status_code in (401, 503)  # a code counts once


@pytest.mark.parametrize(
    "claims",
    [{"nonce": "other"}, {"nonce": None}, {"aud": AUDIENCE}, {"aud": "other"}, {"iss": "other"},
     {"exp": 1}, {"azp": "other"}],
)  # fmt: skip
def test_an_answer_of_the_issuer_that_does_not_fit_signs_nobody_in(client, issuer, claims):
    url, cookie = leave(client)
    issuer.claims = claims
    answer = back(client, issuer.sign_in(url), cookie)
    assert answer.status_code == 401
    assert "lifecircle=" not in answer.headers.get("set-cookie", "")


def test_who_has_no_role_is_not_signed_in(client, issuer):
    url, cookie = leave(client)
    issuer.claims = {"roles": ["others"]}
    assert back(client, issuer.sign_in(url), cookie).status_code == 403


def test_an_issuer_that_calls_itself_otherwise_is_not_believed(client, issuer):
    issuer.says = "https://evil.example"
    assert me(client, issuer.token()).status_code == 503
    assert client.get("/sign-in/issuer").status_code == 503


def test_settings_that_would_open_too_much_are_refused(issuer, tmp_path):
    empty_store(tmp_path / "a.gpkg")
    for wrong in (
        {"oidc_issuer": "http://id.example.org"},
        {"oidc_issuer": "ftp://127.0.0.1"},
        {"oidc_issuer": "https://user:word@id.example.org"},
        {"oidc_audience": CLIENT},
        {"oidc_client_id": ""},
        {"oidc_roles": ""},
        {"oidc_roles": "planners=chief"},
        {"oidc_roles": "planners"},
    ):
        given = {
            "db": str(tmp_path / "a.gpkg"),
            "cache": "",
            "oidc_issuer": issuer.url,
            "oidc_client_id": CLIENT,
            "oidc_audience": AUDIENCE,
            "oidc_roles": "a=viewer",
            **wrong,
        }
        with pytest.raises(InputError):
            create_app(read_settings(**given))
