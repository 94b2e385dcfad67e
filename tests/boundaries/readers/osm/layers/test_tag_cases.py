"""What tags mean for walkers, row by row, and that the documentation shows these rows."""

import pytest

from boundaries.readers.osm.layers.barriers import barrier_kind, passable
from boundaries.readers.osm.layers.gates import node_access
from boundaries.readers.osm.layers.levels import barrier_level, way_level
from boundaries.readers.osm.layers.walk_rules import WalkRule, is_candidate, walk_rule
from tests.boundaries.readers.osm.layers.tag_cases import DOCS, TagCase, tables, tag_cases

DIRECTIONS = {(True, True): "both", (True, False): "forward", (False, True): "backward"}


def way(tags: dict[str, str]) -> tuple[str, str, str]:
    assert is_candidate(tags)
    rule = walk_rule(tags)
    if not isinstance(rule, WalkRule):
        return "closed", "", ""
    access = "private" if rule.private else "open"
    return access, DIRECTIONS[rule.forward, rule.backward], str(way_level(tags))


def barrier(tags: dict[str, str]) -> tuple[str, str, str]:
    kind = barrier_kind(tags)
    if kind is None or passable(tags):
        return "none", "", ""
    return kind.value, "", str(barrier_level(tags))


def node(tags: dict[str, str]) -> tuple[str, str, str]:
    access = node_access(tags)
    return ("none" if access is None else access.value), "", ""


@pytest.mark.parametrize("case", tag_cases(), ids=lambda case: f"{case.object} {case.tags}")
def test_tags_mean_what_the_wiki_says(case: TagCase):
    found = {"way": way, "barrier": barrier, "node": node}[case.object](case.mapping)
    assert found == (case.access, case.direction, case.level)


def test_there_are_enough_cases_each_once():
    cases = {(case.object, case.tags) for case in tag_cases()}
    assert len(cases) == len(tag_cases()) >= 150


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_documentation_shows_the_cases(language):
    text = DOCS[language].read_text("utf-8")
    assert text[text.index("\n## ") + 1 :] == tables(language)
