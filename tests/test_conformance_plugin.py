"""The count of `make conformance` can be trusted: it sees what fails, what lacks a test, and what no page states."""

import re

import pytest

from tests.conformance_plugin import VENDORS, Ledger, statement_ids

pytest_plugins = ["pytester"]

DOCUMENT = """# A vendor

- **XX-98** stands before the heading and is none.

## Statements

Creating

- **XX-01** A name is stored. (vendor)
- **XX-02** A blank one is refused. (ours)
"""


def ledger(**fates: str) -> Ledger:
    """Make a ledger of XX-01 and XX-02 with one test each, having passed or failed as told."""
    made = Ledger({"vendor": ("XX-01", "XX-02")}, {id_: {f"test_{id_}"} for id_ in ("XX-01", "XX-02")})
    for id_, fate in fates.items():
        getattr(made, fate).add(id_.replace("_", "-"))
    return made


def test_only_the_lines_under_the_heading_are_statements() -> None:
    assert statement_ids(DOCUMENT) == ("XX-01", "XX-02")


def test_all_passed_is_no_complaint() -> None:
    made = ledger(XX_01="passed", XX_02="passed")
    assert list(made.complaints()) == []
    assert list(made.report()) == ["vendor: 2 of 2", "conformance: 2 of 2 statements hold"]


def test_one_failed_case_outweighs_the_others() -> None:
    made = ledger(XX_01="passed", XX_02="passed")
    made.failed.add("XX-01")
    assert list(made.report()) == ["vendor: 1 of 2", "fails: XX-01", "conformance: 1 of 2 statements hold"]


def test_a_statement_that_was_not_run_does_not_hold() -> None:
    assert list(ledger(XX_01="passed").complaints()) == ["was not run: XX-02"]


def test_a_statement_without_a_test_is_named() -> None:
    made = ledger(XX_01="passed")
    del made.tests["XX-02"]
    assert list(made.complaints()) == ["has no test: XX-02"]


def test_two_tests_of_one_statement_are_one_too_many() -> None:
    made = ledger(XX_01="passed", XX_02="passed")
    made.tests["XX-02"].add("test_again")
    assert list(made.complaints()) == ["has more than one test: XX-02"]
    assert not made.holds("XX-02")


def test_an_id_that_no_document_has_is_an_error() -> None:
    made = ledger(XX_01="passed", XX_02="passed")
    made.tests["XX-77"] = {"test_made_up"}
    assert list(made.complaints()) == ["is tested but in no document: XX-77"]


def test_the_four_documents_state_227() -> None:
    stated = Ledger.of_documents().stated
    assert {vendor: len(stated[vendor]) for vendor in VENDORS} == {
        "apptoto": 66,
        "packagex": 52,
        "alloy": 45,
        "octopush": 64,
    }


@pytest.mark.parametrize(("body", "count"), [("assert id_", 1), ("assert not id_", 0)])
def test_the_sum_is_the_last_line_and_a_missing_test_fails_the_run(
    pytester: pytest.Pytester, body: str, count: int
) -> None:
    pytester.makepyfile(f"""
        import pytest

        @pytest.mark.statement("AP-01")
        @pytest.mark.parametrize("id_", [1, 2])
        def test_served(id_): {body}
    """)
    pytester.makeini("[pytest]\nmarkers = statement(id): a statement\n")
    run = pytester.runpytest_inprocess("-p", "tests.conformance_plugin")
    assert run.ret == pytest.ExitCode.TESTS_FAILED
    assert re.fullmatch(rf"conformance: {count} of 227 statements hold", run.outlines[-1])
    assert "has no test: AP-02" in run.stdout.str()
