"""Attacks on accounts, keys and sign-ins, each with the answer expected."""

import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pyogrio
import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from api.app import create_app
from api.cli.main import app as cli
from api.identity import authenticator
from api.identity.caller import DEMO, Known
from api.identity.reach import check_reach
from api.identity.throttle import OF_NAME_AND_ADDRESS
from api.settings import read_settings
from boundaries.admin.backup import backup_store, restore_store
from boundaries.admin.copy import copy_store
from boundaries.store.accounts import passwords
from boundaries.store.accounts.accounts import AccountTable
from boundaries.store.accounts.keys import KeyTable
from boundaries.store.accounts.roles import parse_roles
from boundaries.store.accounts.sessions import SessionTable
from boundaries.store.accounts.store_secrets import store_secret
from boundaries.store.interface import backend_of
from boundaries.store.open import open_store
from boundaries.store.postgis.store import make_reader
from boundaries.store.tables import account_tables
from geo.errors import (
    ConflictError,
    InputError,
    NotFoundError,
)
from tests.api.serving import serving
from tests.attacks.people import OURS, PASSWORD, ROLES, served_town
from tests.scenes import tiny_district, tiny_store
from tests.stores import empty_store

ANNA = parse_roles(["admin"])


@pytest.fixture(params=["geopackage", "postgis"])
def store(request, tmp_path):
    """An empty store of either kind."""
    if request.param == "geopackage":
        made = empty_store(tmp_path / "a.gpkg")
        yield made
        made.close()
        return
    server = request.getfixturevalue("postgis")
    url = server.new_database()
    made = empty_store(url)
    yield made
    made.close()
    server.drop(url)


@pytest.fixture
def fresh(monkeypatch):
    """Look up who asks each time, as after two seconds."""
    monkeypatch.setattr(authenticator, "FRESH_S", -1.0)


def run(*words: str, db: Path, given: str = "", code: int = 0) -> str:
    done = CliRunner().invoke(cli, ["--db", str(db), *words], input=given)
    assert done.exit_code == code, done.output
    return done.output


# --- the tables --------------------------------------------------------------------------------


def test_an_account_is_verified_by_its_password_alone(store):
    accounts = AccountTable(store)
    assert not accounts.exist()
    assert accounts.add("Anna", PASSWORD, ANNA).name == "anna"
    assert accounts.exist()
    assert accounts.verified("ANNA", PASSWORD).roles == ANNA
    for name, password in (("anna", PASSWORD + " "), ("anna", ""), ("bert", PASSWORD)):
        assert accounts.verified(name, password) is None
    accounts.revoke("anna")
    assert accounts.verified("anna", PASSWORD) is None
    assert accounts.add("anna", PASSWORD, parse_roles(["viewer"])).active


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("anna", "short"),
        ("anna", "x" * 257),
        ("anna", "a" * 20),
        ("annaannaanna", "AnnaAnnaAnna"),
        ("", PASSWORD),
        ("an na", PASSWORD),
        ("anna\u202e", PASSWORD),
        ("a" * 65, PASSWORD),
        ("key:nightly", PASSWORD),
    ],
)
def test_bad_names_and_passwords_are_refused(tmp_path, name, password):
    accounts = AccountTable(empty_store(tmp_path / "a.gpkg"))
    with pytest.raises(InputError):
        accounts.add(name, password, ANNA)
    assert not accounts.exist()


def test_a_name_is_taken_once(store):
    AccountTable(store).add("anna", PASSWORD, ANNA)
    with pytest.raises(ConflictError, match="already"):
        AccountTable(store).add("ANNA", PASSWORD, ANNA)


def test_nothing_that_opens_the_service_is_stored_as_it_is(tmp_path):
    store = empty_store(tmp_path / "a.gpkg")
    AccountTable(store).add("anna", PASSWORD, ANNA)
    key = KeyTable(store).add("nightly", ANNA, days=1).text
    token = SessionTable(store).begin("anna", hours=1, account="anna")
    content = (tmp_path / "a.gpkg").read_bytes()
    for secret in (PASSWORD, key, key.rsplit("_", 1)[1], token):
        assert secret.encode() not in content


def test_the_parameters_of_production_are_those_of_the_library():
    program = "from boundaries.store.accounts.passwords import hashed; print(hashed('x' * 12))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert done.stdout.startswith(b"$argon2id$v=19$m=65536,t=3,p=4$")


def test_a_hash_with_other_parameters_is_renewed_at_the_next_sign_in(tmp_path, monkeypatch):
    accounts = AccountTable(empty_store(tmp_path / "a.gpkg"))
    accounts.add("anna", PASSWORD, ANNA)
    monkeypatch.setattr(passwords, "HASHER", passwords.PasswordHasher(2, 8, 1))
    assert accounts.verified("anna", PASSWORD)
    with closing(sqlite3.connect(tmp_path / "a.gpkg")) as connection:
        (stored,) = connection.execute("SELECT password FROM accounts").fetchone()
    assert "t=2" in stored
    assert accounts.verified("anna", PASSWORD)


def test_a_key_opens_until_it_is_revoked_rotated_or_expired(store):
    keys = KeyTable(store)
    first = keys.add("nightly", ANNA, days=1)
    assert first.text.startswith(first.key.prefix)
    assert keys.verified(first.text).name == "nightly"
    for wrong in ("", "lck_", first.key.prefix, first.text[:-1], first.text + "x", "lck_a_b_c"):
        assert keys.verified(wrong) is None
    with pytest.raises(ConflictError, match="Rotate"):
        keys.add("nightly", ANNA, days=1)
    second = keys.rotate("nightly", days=1, overlap_hours=1)
    assert keys.verified(first.text)
    assert keys.verified(second.text).roles == ANNA
    third = keys.rotate("nightly", days=1)
    opened = [keys.verified(new.text) is not None for new in (first, second, third)]
    assert opened == [False, False, True]
    keys.revoke(third.key.prefix)
    assert keys.verified(third.text) is None
    with pytest.raises(NotFoundError):
        keys.revoke("nightly")
    assert keys.verified(keys.add("other", ANNA, days=1e-9).text) is None


def test_the_use_of_a_key_is_noted_to_the_hour(store):
    keys = KeyTable(store)
    text = keys.add("nightly", ANNA, days=1).text
    keys.note_use(keys.verified(text))
    (key,) = keys.keys()
    assert key.used_at.endswith(":00:00+00:00")


def test_a_session_ends_by_sign_out_password_revocation_and_time(store):
    accounts, sessions = AccountTable(store), SessionTable(store)
    accounts.add("anna", PASSWORD, ANNA)

    def begin(hours: float = 1) -> str:
        return sessions.begin("anna", hours=hours, account="anna")

    token = begin()
    assert sessions.session(token).roles == ANNA
    accounts.set_roles("anna", parse_roles(["viewer"]))
    assert sessions.session(token).roles == parse_roles(["viewer"])
    sessions.end(token)
    assert sessions.session(token) is None
    for end in (
        lambda: accounts.set_password("anna", "another sentence"),
        lambda: accounts.revoke("anna"),
    ):
        token = begin()
        assert sessions.session(token)
        end()
        assert sessions.session(token) is None
    assert sessions.session(begin(hours=0)) is None


# --- other programs, copies, readers -----------------------------------------------------------


def test_other_programs_are_shown_no_account_tables(tmp_path):
    empty_store(tmp_path / "a.gpkg")
    shown = {name for name, _ in pyogrio.list_layers(tmp_path / "a.gpkg")}
    assert shown.isdisjoint(account_tables.metadata.tables)
    with closing(sqlite3.connect(tmp_path / "a.gpkg")) as connection:
        names = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
    assert set(account_tables.metadata.tables) <= names


def test_a_reader_of_the_server_cannot_read_accounts(postgis):
    url = postgis.new_database()
    store = empty_store(url)
    AccountTable(store).add("anna", PASSWORD, ANNA)
    make_reader(store, "looker")
    rights = sa.text("SELECT has_table_privilege('looker', :name, 'SELECT')")
    with backend_of(store).reading() as connection:
        assert connection.scalar(rights, {"name": "districts"})
        for name in account_tables.metadata.tables:
            assert not connection.scalar(rights, {"name": name}), name
    store.close()
    postgis.drop(url)


def test_copies_take_accounts_and_keys_and_no_sessions(store, tmp_path):
    store.replace(*tiny_district())
    AccountTable(store).add("anna", PASSWORD, ANNA)
    key = KeyTable(store).add("nightly", ANNA, days=1).text
    token = SessionTable(store).begin("anna", hours=1, account="anna")
    secret = store_secret(store, "small counts")
    backup_store(store, tmp_path / "backup.gpkg")
    with closing(sqlite3.connect(tmp_path / "backup.gpkg")) as connection:
        assert connection.execute("SELECT count(*) FROM sessions").fetchone() == (0,)
    restore_store(tmp_path / "backup.gpkg", str(tmp_path / "again.gpkg"))
    again = open_store(tmp_path / "again.gpkg")
    assert AccountTable(again).verified("anna", PASSWORD)
    assert KeyTable(again).verified(key)
    assert SessionTable(again).session(token) is None
    assert store_secret(again, "small counts") == secret


def test_a_copy_never_takes_the_last_account_away(tmp_path):
    without, there = (tiny_store(tmp_path / "a.gpkg"), empty_store(tmp_path / "b.gpkg"))
    AccountTable(there).add("anna", PASSWORD, ANNA)
    copy_store(without, there)
    assert AccountTable(there).verified("anna", PASSWORD)
    AccountTable(without).add("bert", PASSWORD, ANNA)
    other = empty_store(tmp_path / "c.gpkg")
    AccountTable(other).add("carl", PASSWORD, ANNA)
    with pytest.raises(ConflictError, match="--replace"):
        copy_store(without, other)
    copy_store(without, other, replace=True)
    assert [account.name for account in AccountTable(other).accounts()] == ["bert"]


# --- the command line --------------------------------------------------------------------------


def test_the_first_account_is_made_by_the_command_line(tmp_path):
    db = tmp_path / "new.gpkg"
    said = run("user", "add", "Anna", "--role", "viewer", "--role", f"planner:{OURS}",
               "--password-stdin", db=db, given=PASSWORD + "\n")  # fmt: skip
    assert said == f"anna may sign in: viewer, planner:{OURS}.\n"
    (row,) = json.loads(run("user", "list", "--json", db=db))["accounts"]
    assert row["roles"] == {"*": "viewer", OURS: "planner"}
    assert PASSWORD not in said + str(row)
    run("user", "password", "anna", "--password-stdin", db=db, given="another sentence\n")
    run("user", "roles", "anna", "--role", "admin", db=db)
    assert AccountTable(open_store(db)).verified("anna", "another sentence").roles == ANNA
    run("user", "revoke", "anna", db=db)
    assert not AccountTable(open_store(db)).verified("anna", "another sentence")
    run("user", "add", "bert", "--role", "chief", "--password-stdin", db=db, given="x\n", code=2)
    run("user", "revoke", "nobody", db=db, code=2)


def test_a_key_is_shown_once(tmp_path):
    db = tmp_path / "new.gpkg"
    empty_store(db)
    made = json.loads(run("key", "add", "nightly", "--role", "viewer", "--json", db=db))
    assert KeyTable(open_store(db)).verified(made["key"])
    listed = run("key", "list", db=db) + run("key", "list", "--json", db=db)
    assert made["prefix"] in listed
    assert made["key"] not in listed
    new = json.loads(run("key", "rotate", "nightly", "--json", db=db))
    assert not KeyTable(open_store(db)).verified(made["key"])
    run("key", "revoke", "nightly", db=db)
    assert not KeyTable(open_store(db)).verified(new["key"])
    run("key", "add", "x", "--role", "viewer", "--days", "0", db=db, code=2)
    run("key", "add", "x", "--role", "viewer", "--days", "nan", db=db, code=2)


# --- who may reach the service -----------------------------------------------------------------


def test_beyond_loopback_there_are_accounts_or_reading_is_said_to_be_public(tmp_path):
    store = empty_store(tmp_path / "a.gpkg")
    for host in ("0.0.0.0", "::", "192.0.2.7"):  # noqa: S104 - nothing is bound
        with pytest.raises(InputError, match="lifecircle user add"):
            check_reach(read_settings(host=host), store)
        check_reach(read_settings(host=host, open="read"), store)
    with pytest.raises(InputError, match="wanted read"):
        check_reach(read_settings(host="::", open="write"), store)
    check_reach(read_settings(), store)
    AccountTable(store).add("anna", PASSWORD, ANNA)
    check_reach(read_settings(host="::"), store)


@pytest.mark.parametrize("workers", ["1", "2"])
def test_serve_refuses_to_start_beyond_loopback_without_accounts(tmp_path, workers):
    db = tmp_path / "a.gpkg"
    empty_store(db)
    words = ["--host", "0.0.0.0", "--port", "0", "--workers", workers]  # noqa: S104
    said = run("serve", *words, db=db, code=2)
    assert "--open read" in said
    assert "Traceback" not in said


def test_on_loopback_without_accounts_everything_stays_as_it_was(tmp_path, fresh):
    store = tiny_store(tmp_path / "a.gpkg")
    app = create_app(read_settings(db=str(tmp_path / "a.gpkg"), editable=True, cache=""))
    with serving(app) as client:
        me = client.get("/me").json()
        assert (me["known"], me["roles"], me["editable"]) == ("demo", {"*": "admin"}, True)
        assert client.get(f"/districts/{OURS}/changes").status_code == 200
        assert app.state.authenticator.caller(None) is DEMO
        AccountTable(store).add("anna", PASSWORD, ANNA)
        assert client.get(f"/districts/{OURS}/changes").status_code == 401
        with backend_of(store).noting() as connection:  # an emptied table opens nothing
            connection.execute(sa.delete(account_tables.accounts))
        assert client.get("/districts").status_code == 401
        assert client.get("/me").json()["known"] == "unknown"


def test_what_is_open_to_read_is_never_open_to_change(tmp_path):
    with served_town(str(tmp_path / "a.gpkg"), open="read") as town:
        assert town.get("", f"/districts/{OURS}/coverage").status_code == 200
        assert town.get("", "/me").json()["roles"] == {"*": "viewer"}
        changed = town.ask("", "PATCH", f"/districts/{OURS}/gates/g1", headers={"If-Match": '"1"'},
                           content="{}")  # fmt: skip
        assert changed.status_code == 403
        assert "wanted planner" in changed.json()["detail"]
        wrong = town.client.get("/districts", headers={"Authorization": "Bearer lck_a_b"})
        assert wrong.status_code == 401


# --- signing in --------------------------------------------------------------------------------


def test_the_unknown_gets_401_with_a_challenge(town):
    for path in ("/districts", f"/districts/{OURS}/coverage", "/jobs", "/nowhere", "/metrics"):
        answer = town.get("", path)
        assert answer.status_code == 401, path
        assert answer.headers["www-authenticate"] == 'Bearer realm="Lifecircle"'
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["x-content-type-options"] == "nosniff"
    for path in (
        "/",
        "/docs",
        "/glossary",
        "/openapi.json",
        "/healthz",
        "/sign-in",
        "/static/js/main.js",
    ):
        assert town.get("", path).status_code == 200, path
    assert town.get("", "/me").json()["known"] == "unknown"


@pytest.mark.parametrize(
    "header",
    [
        "Bearer",
        "Bearer lck_0000000000_x",
        "Bearer " + "x" * 20_000,
        "bearer eyJhbGciOiJub25lIn0.e30.",
        "Bearer lck_%00'\" OR 1=1 --",
        "Bearer \u00ff\u00fe",
    ],
)
def test_what_is_no_key_opens_nothing(town, header):
    answer = town.client.get("/districts", headers={"Authorization": header.encode("latin-1")})
    assert answer.status_code in (400, 401, 431)


def test_a_cookie_is_out_of_reach_of_scripts_and_other_sites(town):
    answer = town.sign_in("paul")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/?lang=en"
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("lifecircle=")
    assert {"HttpOnly", "SameSite=strict", "Path=/"} <= set(cookie.split("; "))
    assert "Secure" not in cookie
    proxied = {"X-Forwarded-Proto": "https", "Sec-Fetch-Site": "same-origin"}
    behind = town.sign_in("paul", headers=proxied)
    secure = behind.headers["set-cookie"]
    assert secure.startswith("__Host-lifecircle=")
    assert {"HttpOnly", "SameSite=strict", "Path=/", "Secure"} <= set(secure.split("; "))


def test_a_session_is_who_signed_in_until_it_is_signed_out(town):
    page = town.session("paul")
    me = town.client.get("/me", headers=page).json()
    assert (me["name"], me["known"], me["own_password"]) == ("paul", "session", True)
    assert (
        town.client.get("/districts", headers=page).headers["cache-control"].startswith("private")
    )
    out = town.client.post("/sign-out", headers=page)
    assert out.status_code == 204
    assert "Max-Age=0" in out.headers["set-cookie"]
    assert town.client.get("/districts", headers=page).status_code == 401
    assert town.client.get("/me", headers={"Cookie": page["Cookie"]}).json()["known"] == "unknown"


@pytest.mark.parametrize(
    "said",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "self"},
        {},
    ],
)
def test_a_change_by_cookie_says_that_our_page_makes_it(town, said):
    page = town.session("paul")
    origin = page.pop("Origin")
    headers = {name: origin if value == "self" else value for name, value in said.items()}
    path, body = f"/districts/{OURS}/undo", {"If-Match": '"1"'}
    answer = town.client.post(path, headers={**page, **headers, **body})
    assert answer.status_code == 403
    assert "page of" in answer.json()["detail"]
    form = {"name": "paul", "password": PASSWORD}
    assert town.client.post("/sign-in", data=form, headers=headers).status_code == 403


def test_a_wrong_name_and_a_wrong_password_are_told_the_same(town, monkeypatch):
    hashes = []
    real = passwords.HASHER.verify
    spy = type("Spy", (), {"verify": lambda _, *given: hashes.append(given[0]) or real(*given),
                           "hash": passwords.HASHER.hash})()  # fmt: skip
    monkeypatch.setattr(passwords, "HASHER", spy)
    wrong = [town.sign_in(name, "wrong password") for name in ("vera", "nobody-at-all")]
    assert [answer.status_code for answer in wrong] == [401, 401]
    said = [{**answer.json(), "request_id": ""} for answer in wrong]
    assert said[0] == said[1]
    assert len(hashes) == 2  # each cost one hash
    assert hashes[0].split("$")[:4] == hashes[1].split("$")[:4]  # of the same parameters


def test_guessing_is_throttled_by_name_and_address(tmp_path):
    with served_town(str(tmp_path / "a.gpkg")) as town:
        tries = [town.sign_in("paul", f"guess number {n}") for n in range(7)]
        wanted = OF_NAME_AND_ADDRESS.amount
        assert [a.status_code for a in tries] == [401] * wanted + [429] * (7 - wanted)
        assert 0 < int(tries[-1].headers["retry-after"]) <= 900
        assert town.sign_in("paul").status_code == 429  # also with the right one
        assert town.sign_in("pia").status_code == 303  # others are not locked out
        for n in range(40):
            last = town.sign_in(f"name{n}", "guess of one address")
        assert last.status_code == 429


def test_a_browser_is_answered_with_the_page(town):
    answer = town.sign_in("vera", "wrong password", headers={"Accept": "text/html"})
    assert answer.status_code == 401
    assert 'role="alert"' in answer.text
    page = town.get("", "/sign-in?lang=en&next=https://evil.example").text
    assert "evil" not in page
    assert 'lang="en"' in page


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"name=anna", 400),
        (b"&".join(b"a=1" for _ in range(50)), 400),
        (b"\xff\xfe=\xff", 400),
        (b"name=a&password=" + b"x" * 100_000, 413),
        (b"name=%00&password=%ff", 401),
    ],
)
def test_a_bad_form_is_a_plain_refusal(town, body, status):
    headers = {"Sec-Fetch-Site": "same-origin"}
    answer = town.client.post("/sign-in", content=body, headers=headers)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


def test_the_own_password_is_changed_with_the_current_one(tmp_path, fresh):
    with served_town(str(tmp_path / "a.gpkg")) as town:
        page, other = town.session("vera"), town.session("vera")
        wrong = {"current": "wrong password", "new": "another sentence"}
        assert town.client.post("/me/password", json=wrong, headers=page).status_code == 403
        short = {"current": PASSWORD, "new": "short"}
        assert town.client.post("/me/password", json=short, headers=page).status_code == 400
        good = {"current": PASSWORD, "new": "another sentence"}
        answer = town.client.post("/me/password", json=good, headers=page)
        assert answer.status_code == 200
        town.client.cookies.clear()
        renewed = {"Cookie": answer.headers["set-cookie"].split(";")[0]}
        assert town.client.get("/me", headers=renewed).json()["name"] == "vera"
        assert town.client.get("/me", headers=other).json()["known"] == "unknown"
        assert town.sign_in("vera").status_code == 401
        assert town.ask("paul", "POST", "/me/password", json=good).status_code == 403


def test_revoking_counts_in_a_running_service(tmp_path, fresh):
    with served_town(str(tmp_path / "a.gpkg")) as town:
        page = town.session("paul")
        assert town.client.get("/districts", headers=page).status_code == 200
        AccountTable(town.store).revoke("paul")
        assert town.client.get("/districts", headers=page).status_code == 401
        assert town.get("paul", "/districts").status_code == 200
        KeyTable(town.store).revoke("paul")
        assert town.get("paul", "/districts").status_code == 401


def test_the_log_names_who_changed_something(town):
    gate = town.get("paul", f"/districts/{OURS}/gates/g1")
    change = json.dumps({"properties": {"access": "closed"}})
    done = town.ask("paul", "PATCH", f"/districts/{OURS}/gates/g1", content=change,
                    headers={"If-Match": gate.headers["etag"]})  # fmt: skip
    assert done.status_code == 200
    page = {**town.session("pia"), "If-Match": done.headers["etag"]}
    back = json.dumps({"properties": {"access": gate.json()["properties"]["access"]}})
    assert (
        town.client.patch(f"/districts/{OURS}/gates/g1", content=back, headers=page).status_code
        == 200
    )
    log = town.get("paul", f"/districts/{OURS}/changes").json()["changes"]
    assert [row["actor"] for row in log[:2]] == ["pia", "key:paul"]


def test_a_locked_database_keeps_who_was_known_and_lets_nobody_new_in(tmp_path, fresh):
    with served_town(str(tmp_path / "a.gpkg")) as town:
        assert town.get("vera", "/me").status_code == 200
        with closing(sqlite3.connect(tmp_path / "a.gpkg")) as other:
            other.execute("BEGIN EXCLUSIVE")
            assert town.get("vera", "/me").json()["known"] == Known.KEY
            assert town.get("ada", "/me").status_code in (409, 503)
            assert town.get("", "/healthz").status_code == 200
        assert town.get("ada", "/me").status_code == 200


def test_the_names_of_people_are_those_that_were_made(town):
    assert [account.name for account in AccountTable(town.store).accounts()] == sorted(ROLES)
