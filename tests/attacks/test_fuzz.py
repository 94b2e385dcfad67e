"""A short run of schemathesis over every operation, from a fixed seed; `make fuzz` is long."""

from tests.attacks.fuzz import fuzz, scratch


def test_no_request_that_the_document_allows_or_forbids_finds_a_fault():
    with scratch("geopackage") as address:
        outcome = fuzz(address, examples=3, seed=1)
    assert outcome.faults == {}, outcome.text
    assert outcome.operations >= 49
    assert outcome.cases > 100
