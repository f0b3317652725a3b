"""What is asked for in the query of an import: tables of options, and how each is read.

Source:   docs/dialects/native.md, "Imports"
"""

from typing import Any, Final, get_args

import msgspec
from msgspec import Struct

from onebook.dialects import strict
from onebook.dialects.base import REFUSED, Field, Request, Schema
from onebook.dialects.native.reading import Country, Said, read_query
from onebook.errors import Issue
from onebook.importing.mapping import is_target
from onebook.model.imports import Found, ImportOptions, MatchKey
from onebook.operations import imports_reports
from onebook.operations.imports_mappings import NAME_CHARACTERS

#: What a file may be sent as; any other type but JSON and forms is taken as a file too.
FILE_TYPES: Final = (
    "text/csv",
    "text/tab-separated-values",
    "text/vcard",
    "application/x-ndjson",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.ms-excel",
    "application/vnd.oasis.opendocument.spreadsheet",
    "application/gzip",
    "application/octet-stream",
)
#: What a mended workbook may be sent as; spreadsheets save it as other kinds of table too.
WORKBOOKS: Final = (FILE_TYPES[4], FILE_TYPES[0], FILE_TYPES[6])
_MOST_COLUMNS: Final = 10_000
_DELIMITERS: Final = (",", ";", "\t", "|", ":")


class Targets(Struct, frozen=True):
    """A JSON object in a query: heading to target."""

    @property
    def schema(self) -> Schema:
        return {"type": "string", "examples": ['{"Nom": "name.family", "Portable": "phone:mobile"}']}

    def read(self, value: Any, at: str, issues: list[Issue]) -> Any:
        try:
            targets = msgspec.json.decode(value, type=dict[str, str])
        except (msgspec.DecodeError, UnicodeError):
            targets = None
        if targets is None or len(targets) > _MOST_COLUMNS:
            issues.append(Issue(at, "wrong_type", f"{at} must be a JSON object of headings and targets."))
            return REFUSED
        wrong = [heading for heading, target in targets.items() if target and not is_target(target)]
        message = "There is no such target; examples are name.full, phone, phone/2:mobile, custom.shoe size."
        issues += [Issue(f"{at}.{heading}", "unknown", message, value=targets[heading]) for heading in wrong]
        return REFUSED if wrong else targets


class TargetsOrName(Struct, frozen=True):
    """A mapping in a query: a JSON object, or the name of a saved one."""

    @property
    def schema(self) -> Schema:
        return {**Targets().schema, "description": "A JSON object of headings and targets, or a saved mapping's name."}

    def read(self, value: Any, at: str, issues: list[Issue]) -> Any:
        if isinstance(value, str) and not value.lstrip().startswith("{"):
            return Said(longest=NAME_CHARACTERS).read(value, at, issues)
        return Targets().read(value, at, issues)


class YesOrNo(Struct, frozen=True):
    """``true`` or ``false`` in a query."""

    @property
    def schema(self) -> Schema:
        return {"type": "string", "enum": ["true", "false"]}

    def read(self, value: Any, at: str, issues: list[Issue]) -> Any:
        got = strict.Choice(("true", "false")).read(value, at, issues)
        return got if got is REFUSED else got == "true"


OPTIONS: Final = (
    Field("book", strict.Digits(), note="Number of the book; else the one that contacts without a book go to."),
    Field("match", strict.Choice(get_args(MatchKey)), note="By what a row finds its contact; none if not given."),
    Field("found", strict.Choice(get_args(Found)), note="What happens to a contact that is found; else update."),
    Field("overwrite", YesOrNo(), note="Whether the file's contacts replace the book's."),
    Field("skip_opted_out", YesOrNo(), note="Whether rows are left out that have an opted-out number or address."),
    Field("demand_valid", YesOrNo(), note="Whether numbers that no country has assigned are refused."),
    Field("make_groups", YesOrNo(), note="Whether groups that rows name are made; true if not given."),
    Field("country", Country(), note="Where national numbers are dialled; else the account's country."),
    Field("encoding", Said(longest=100), note="Of the file; else found out."),
    Field("delimiter", strict.Choice(_DELIMITERS), note="Of the file; else found out."),
    Field("sheet", Said(), note="Of a workbook, by its name; else the first with any row."),
)
MAPPING: Final = Field(
    "mapping", TargetsOrName(), note="JSON object of headings and targets, or a saved mapping's name; else recognised."
)
RECALL: Final = Field(
    "recall", YesOrNo(), note="Whether the last mapping for such headings is used; true if not given."
)
PLAN: Final = Field("plan", YesOrNo(), note="Only find out what would happen.")
NAME: Final = Field("name", Said(), note="Of the file.")
QUERY: Final = (PLAN, *OPTIONS, MAPPING, RECALL, NAME)
#: What a look at a file needs of them.
LOOK: Final = (
    *(option for option in OPTIONS if option.name in ("book", "country", "encoding", "delimiter", "sheet")),
    MAPPING,
    RECALL,
    NAME,
)
FROM: Final = (Field("url", strict.text(longest=1 << 26), need=True, note="A web address or a data URL."),)
FORMAT: Final = Field("format", strict.Choice(tuple(imports_reports.FORMATS)), note="json if it is not given.")


LAST_EVENT: Final = Field("Last-Event-ID", strict.Text, note="Sent by a client that comes back.")


class Asked(Struct, frozen=True):
    """What the query asks for: a name for the file, whether only to plan, and the options."""

    name: str | None
    plan: bool
    options: ImportOptions


def read_options(request: Request, table: tuple[Field, ...]) -> Asked:
    """The query of an import, by its table."""
    given = read_query(request, table)
    name, plan, mapping = given.pop("name", None), given.pop("plan", False), given.pop("mapping", None)
    which = {"mapping" if isinstance(mapping, str) else "targets": mapping}
    return Asked(name, plan, ImportOptions(**which, **given))
