"""Who may do what where: every operation of the API document, for every role, in both districts.

A new operation without a rule in ``RULES`` fails here.
"""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from api.http.callers.role_rules import RULES, RoleRule
from boundaries.store.accounts.roles import parse_roles, reaches
from boundaries.store.jobs.job_table import JobTable
from boundaries.store.runs import GridShare, Run, RunTable
from boundaries.store.tables.account_tables import Role
from tests.attacks.people import OURS, ROLES, THEIRS, Town

HIDDEN = ("/docs", "/metrics", "/readyz")
"""Paths with a rule that need not be in the document."""

LIKE_OTHERS = ROLES.keys() - {"vera", "ada"}
"""Who is answered what one of these two is answered: that they may ask is told without it."""


def operations(town: Town) -> list[tuple[str, str, dict[str, Any]]]:
    """Return method, path and description of every operation."""
    return [
        (method.upper(), path, operation)
        for path, item in town.app.openapi()["paths"].items()
        for method, operation in item.items()
    ]


def address(path: str, district: str, layer: str = "gates") -> str:
    values = {"code": district, "layer": layer, "key": "g1", "name": "2026", "job": "j" * 16,
              "run": "r" * 12}  # fmt: skip
    return path.format(**values)


def query(operation: dict[str, Any]) -> dict[str, Any]:
    """Return the required parameters of an operation, by their examples."""
    return {
        each["name"]: each["schema"].get("examples", [each.get("example")])[0]
        for each in operation.get("parameters", ())
        if each["in"] == "query" and each.get("required")
    }


def test_every_operation_has_a_rule_and_every_rule_an_operation(town):
    described = {(method, path) for method, path, _ in operations(town)}
    assert described - set(RULES) == set()
    assert {(m, p) for m, p in RULES if p not in HIDDEN} - described == set()


def test_the_document_says_what_an_operation_needs(town):
    document = town.app.openapi()
    assert set(document["components"]["securitySchemes"]) == {"key", "session"}
    for method, path, operation in operations(town):
        rule = RULES[method, path]
        if rule.role is None:
            assert operation["security"] == [], path
        else:
            assert operation["security"] == [{"key": []}, {"session": []}], path
            assert {"401", "403"} <= set(operation["responses"]), path
            assert operation["x-role"] == rule.role, path


def asked(town: Town, who: str) -> Iterator[tuple[str, str, RoleRule, str, int, dict[str, Any]]]:
    """Ask every operation that needs a role; yield what it was, the status and the body."""
    for method, path, operation in operations(town):
        rule = RULES[method, path]
        if rule.role is None or path == "/me/password":
            continue
        known = {"If-None-Match": "*"} if method == "GET" and who in LIKE_OTHERS else {}
        layers = ["gates", "buildings"] if "{layer}" in path else ["gates"]
        for layer in layers:
            for district in (OURS, THEIRS) if "{code}" in path else ("",):
                answer = town.ask(who, method, address(path, district, layer),
                                  params=query(operation), headers=known)  # fmt: skip
                yield (
                    path,
                    layer,
                    rule,
                    district,
                    answer.status_code,
                    answer.json() if ("json" in answer.headers.get("content-type", "")) else {},
                )


@pytest.mark.parametrize("who", ["", *ROLES])
def test_every_operation_holds_every_role_off_where_it_must(town, who):
    roles = parse_roles(ROLES[who]) if who else None
    count = 0
    for path, layer, rule, district, status, body in asked(town, who):
        count += 1
        where = (who, path, layer, district, status, body.get("detail"))
        wanted = rule.by_layer.get(layer, rule.role) or Role.VIEWER
        if roles is None:
            assert status == 401, where
            continue
        held = roles.of(district) if district else roles.highest
        if district and held is None:
            assert status == 404, where
            assert body["detail"].startswith(f"Got district '{district}'"), where
        elif not reaches(held, wanted):
            assert status == 403, where
            assert f"wanted {wanted}" in body["detail"], where
        else:
            assert status not in (401, 500), where
            assert not (status == 403 and "wanted" in body["detail"]), where
    assert count > 40


def test_a_district_that_may_not_be_seen_is_as_if_it_were_not_there(town):
    for path, _ in {(p, o["summary"]) for m, p, o in operations(town) if m == "GET"}:
        if "{code}" not in path:
            continue
        hidden, missing = (town.get("vic", address(path, code)) for code in (THEIRS, "nowhere"))
        assert hidden.status_code == missing.status_code == 404
        assert hidden.json()["detail"].replace(THEIRS, "nowhere") == missing.json()["detail"]
        assert THEIRS not in missing.text
        assert hidden.headers.get("etag") is None


def test_a_role_of_a_district_that_is_not_stored_names_no_other(town):
    from boundaries.store.accounts.keys import KeyTable

    town.keys["gone"] = KeyTable(town.store).add("gone", parse_roles(["viewer:gone"]), days=1).text
    answer = town.get("gone", "/districts/gone/coverage")
    assert answer.status_code == 404
    assert OURS not in answer.text
    assert town.get("gone", "/districts").json() == {"districts": []}


@pytest.mark.parametrize(
    ("who", "seen"),
    [("vera", {OURS, THEIRS}), ("vic", {OURS}), ("pia", {OURS}), ("mia", {OURS, THEIRS})],
)
def test_lists_name_only_what_may_be_seen(town, who, seen):
    listed = town.get(who, "/districts")
    assert {row["code"] for row in listed.json()["districts"]} == seen
    again = town.get("vic", "/districts", headers={"If-None-Match": listed.headers["etag"]})
    assert again.status_code == (304 if seen == {OURS} and who == "vic" else 200)


def test_what_is_kept_for_one_is_not_given_to_another(town):
    """Answers are kept by question: the role and the districts are part of it."""
    path = f"/districts/{THEIRS}/coverage?by=building"
    for _ in range(2):
        exact = town.get("paul", path)
        assert exact.status_code == 200
        assert town.get("vic", path).status_code == 404
        assert town.get("", path).status_code == 401
        protected = town.get("vera", path)
        assert protected.json()["small_counts"] == "protected"
        assert "small_counts" not in exact.json()
        assert exact.headers["etag"] != protected.headers["etag"]
        same = town.get("vera", path, headers={"If-None-Match": exact.headers["etag"]})
        assert same.status_code == 200
        hidden = town.get("vic", path, headers={"If-None-Match": protected.headers["etag"]})
        assert hidden.status_code == 404


def test_jobs_and_runs_of_other_districts_are_not_there(town):
    jobs, runs = JobTable(town.store, "test"), RunTable(town.store)
    job = {code: jobs.submit("coverage", {}, district=code).job for code in (OURS, THEIRS)}
    for code in (OURS, THEIRS):
        run = Run(
            f"run{code}",
            code,
            1,
            "coverage",
            "2026-01-01T00:00:00+00:00",
            "",
            {"standard": {}},
            "0" * 64,
        )
        runs.keep(run, [GridShare("", "all", 31, 7)])
    listed = [row["district"] for row in town.get("pia", "/jobs").json()["jobs"]]
    assert set(listed) == {OURS}
    assert town.get("pia", f"/jobs?district={THEIRS}").json()["jobs"] == []
    assert {row["district"] for row in town.get("mia", "/jobs").json()["jobs"]} == {THEIRS}
    for kind, name in (("jobs", job), ("runs", {code: f"run{code}" for code in job})):
        assert town.get("pia", f"/{kind}/{name[OURS]}").status_code == 200
        hidden = town.get("pia", f"/{kind}/{name[THEIRS]}")
        missing = town.get("pia", f"/{kind}/{'0' * len(name[THEIRS])}")
        assert hidden.status_code == missing.status_code == 404
        blank = "0" * len(name[THEIRS])
        assert hidden.json()["detail"].replace(name[THEIRS], blank) == missing.json()["detail"]
    assert town.ask("pia", "DELETE", f"/jobs/{job[THEIRS]}").status_code == 404
    assert town.ask("mia", "DELETE", f"/jobs/{job[OURS]}").status_code == 404
    assert jobs.job(job[THEIRS]).live
    assert town.ask("pia", "DELETE", f"/jobs/{job[OURS]}").status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        f"/districts/{OURS}%2F..%2F{THEIRS}/coverage",
        f"/districts/{OURS}/../{THEIRS}/coverage",
        f"/districts//{THEIRS}/coverage",
        f"//districts/{THEIRS}/coverage",
        f"/districts/{THEIRS}%00/coverage",
        f"/Districts/{THEIRS}/coverage",
        f"/districts/{THEIRS}/",
        "/districts/%33%37%31%36%30%33/coverage",
        f"/districts/{THEIRS};x/coverage",
    ],
)
def test_another_spelling_of_a_path_opens_nothing(town, path):
    import http.client
    from urllib.parse import urlsplit

    place = urlsplit(str(town.client.base_url))
    connection = http.client.HTTPConnection(place.hostname, place.port, timeout=60)
    connection.request("GET", path, headers={"Authorization": f"Bearer {town.keys['vic']}"})
    answer = connection.getresponse()
    assert answer.status in (400, 404), path
    assert b"coverage_all" not in answer.read()
    connection.close()


def test_a_viewer_changes_nothing(town):
    before = town.get("paul", f"/districts/{OURS}").json()["revision"]
    body = json.dumps({"type": "Feature", "geometry": None, "properties": {}})
    for method, path, operation in operations(town):
        if method != "GET" and "{code}" in path:
            town.ask("vera", method, address(path, OURS), params=query(operation), content=body,
                     headers={"If-Match": '"1"'})  # fmt: skip
    assert town.get("paul", f"/districts/{OURS}").json()["revision"] == before
