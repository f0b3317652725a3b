"""Joins the statements in docs/dialects/ with the tests that hold them, and counts: ``make conformance``.

A statement holds when its one test function was run, in all its cases, and none failed or was skipped.
The run fails if a statement does not hold, has no test or two, or if a test names an id that no document has.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

VENDORS = ("apptoto", "packagex", "alloy", "octopush")
OWN = "native"  # our own API: its statements are held like the vendors', and counted apart
ENGINES = ("sqlite", "postgres")
DOCUMENTS = Path(__file__).parent.parent / "docs" / "dialects"
HEADING = "## Statements"
LINE = re.compile(r"^- \*\*([A-Z]{2}-\d+)\*\* \S", re.MULTILINE)


def statement_ids(document: str) -> tuple[str, ...]:
    """Return the ids under the heading "Statements" of one dialect's document, in its order."""
    _, _, statements = document.partition(f"\n{HEADING}\n")
    return tuple(LINE.findall(statements))


@dataclass
class Ledger:
    """What the documents state, which test functions claim it, and how these fared.

    Args:
        stated: vendor to the ids in its document.
        tests: id to the names of the test functions that bear it.
        passed, failed: ids of which a case passed; of which a case did not.
        engines: engine to the ids of which a case passed on it, and did not.
    """

    stated: Mapping[str, tuple[str, ...]]
    tests: dict[str, set[str]] = field(default_factory=dict)
    passed: set[str] = field(default_factory=set)
    failed: set[str] = field(default_factory=set)
    engines: dict[str, tuple[set[str], set[str]]] = field(default_factory=dict)

    def note(self, ids: Iterable[str], engine: str | None, *, passed: bool) -> None:
        """Note how a case of these ids fared."""
        (self.passed if passed else self.failed).update(ids)
        if engine is not None:
            self.engines.setdefault(engine, (set(), set()))[0 if passed else 1].update(ids)

    @classmethod
    def of_documents(cls, folder: Path = DOCUMENTS) -> "Ledger":
        """Read the vendors' documents and our own."""
        return cls({name: statement_ids((folder / f"{name}.md").read_text("utf-8")) for name in (*VENDORS, OWN)})

    def all_ids(self) -> list[str]:
        """Return every id stated, in the order of the documents."""
        return [id_ for ids in self.stated.values() for id_ in ids]

    def holds(self, id_: str) -> bool:
        """Say whether the statement was tested and no case of it failed."""
        return id_ in self.passed and id_ not in self.failed and len(self.tests.get(id_, ())) == 1

    def complaints(self) -> Iterator[str]:
        """Say what is wrong, one line a kind of fault; nothing if every statement holds."""
        ids = self.all_ids()
        faults = {
            "fails": [id_ for id_ in ids if id_ in self.failed],
            "has no test": [id_ for id_ in ids if id_ not in self.tests],
            "was not run": [id_ for id_ in ids if id_ in self.tests and id_ not in self.passed | self.failed],
            "has more than one test": [id_ for id_ in ids if len(self.tests.get(id_, ())) > 1],
            "is stated twice": sorted({id_ for id_ in ids if ids.count(id_) > 1}),
            "is tested but in no document": sorted(self.tests.keys() - set(ids)),
        }
        for fault, guilty in faults.items():
            if guilty:
                yield f"{fault}: {', '.join(guilty)}"

    def report(self) -> Iterator[str]:
        """Say how many statements of each document hold, what is wrong, and last the sum of the vendors'."""
        for vendor, ids in self.stated.items():
            yield f"{vendor}: {sum(map(self.holds, ids))} of {len(ids)}"
        for engine, (passed, failed) in sorted(self.engines.items()):
            yield f"on {engine}: {len(passed - failed)} without a failure"
        yield from self.complaints()
        total = [id_ for name, ids in self.stated.items() if name != OWN for id_ in ids]
        yield f"conformance: {sum(map(self.holds, total))} of {len(total)} statements hold"


def marked_ids(item: pytest.Item) -> Iterable[str]:
    """Return the ids that a test bears."""
    return (str(mark.args[0]) for mark in item.iter_markers("statement"))


class ConformancePlugin:
    """Fills a ledger while pytest runs and prints it as the last thing."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.ids_of: dict[str, tuple[str, ...]] = {}
        self.engine_of: dict[str, str | None] = {}

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Note which function bears which id; cases of one parametrised function count as one."""
        for item in items:
            self.ids_of[item.nodeid] = tuple(marked_ids(item))
            self.engine_of[item.nodeid] = next((name for name in ENGINES if item.get_closest_marker(name)), None)
            for id_ in self.ids_of[item.nodeid]:
                self.ledger.tests.setdefault(id_, set()).add(item.nodeid.partition("[")[0])

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note how a case fared: a skipped one does not hold its statement."""
        ids = self.ids_of.get(report.nodeid, ())
        if not report.passed or report.when == "call":
            self.ledger.note(ids, self.engine_of.get(report.nodeid), passed=report.passed)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Fail the run for what pytest cannot see: a statement without a test, a test without a statement."""
        if session.exitstatus == pytest.ExitCode.OK and any(self.ledger.complaints()):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    @pytest.hookimpl(trylast=True)
    def pytest_unconfigure(self) -> None:
        """Print the ledger, below pytest's own summary."""
        print("", *self.ledger.report(), sep="\n")


def pytest_configure(config: pytest.Config) -> None:
    """Join in; the documents are read once, now."""
    config.pluginmanager.register(ConformancePlugin(Ledger.of_documents()), "conformance")
