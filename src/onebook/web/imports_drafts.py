"""The import wizard's first steps: a file comes in, and what it holds is understood, or made to be."""

from functools import partial
from typing import Any, Final, get_args

from msgspec import structs

from onebook.errors import InvalidInput, Issue, LimitExceeded, OnebookError, RemoteFailed
from onebook.importing.fetch import open_url
from onebook.importing.patience import TakesLong
from onebook.importing.source import Source
from onebook.model import country
from onebook.model.imports import Found, ImportOptions, MatchKey
from onebook.operations import address_books, imports_drafts, imports_mappings
from onebook.operations.imports_drafts import Draft
from onebook.operations.imports_fetching import WAIT_SECONDS, Remote, at_hand
from onebook.operations.imports_preview import Preview
from onebook.web import targets
from onebook.web.visit import Gone, Notice, PageRoute, Reply, Shown, Visit

#: Python's name of an encoding, and the one that people know.
ENCODINGS: Final = (
    *(("utf-8", "UTF-8"), ("utf-16", "UTF-16"), ("cp1252", "Windows-1252"), ("iso8859_15", "ISO 8859-15")),
    *(("cp1250", "Windows-1250"), ("cp1251", "Windows-1251"), ("cp1254", "Windows-1254"), ("cp1257", "Windows-1257")),
    *(("mac_roman", "Mac Roman"), ("cp850", "DOS 850"), ("cp437", "DOS 437"), ("shift_jis", "Shift JIS")),
    *(("gb18030", "GB 18030"), ("big5", "Big5"), ("euc_kr", "EUC-KR")),
)
_NAMES: Final = dict(ENCODINGS) | {"utf-8-sig": "UTF-8", "utf_8": "UTF-8", "ascii": "ASCII"}
DELIMITERS: Final = ((",", "comma"), (";", "semicolon"), ("\t", "tab"), ("|", "bar"), (":", "colon"))
_TAB: Final = "tab"  # in a form, where a real one would be trimmed
_FLAGS: Final = ("overwrite", "skip_opted_out", "demand_valid")


def show_new(visit: Visit) -> Reply:
    """Where a file is dropped."""
    return _new(visit)


def _new(visit: Visit, issues: tuple[Issue, ...] = ()) -> Shown:
    # The form is sent by htmx, to show how much of the file has gone, and takes itself out of the whole page.
    values = {"issues": issues, "url": visit.form["url"], **({"notice": None} if visit.swap else {})}
    return Shown("imports/new.html", values, 422 if issues else 200)


def take(visit: Visit) -> Reply:
    """A file, or the address of one."""
    field = "file" if "file" in visit.files else "url"
    imports = visit.house.imports
    try:
        source = _sent(visit)
        if isinstance(source, Remote):  # what it says, its plan will tell
            return Gone(f"{visit.base}/imports/{imports.begin(visit.who, source, ImportOptions(), plan=True).id}")
        draft = imports.drafts.take(visit.who, source, limit_bytes=visit.house.limits.import_bytes)
    except InvalidInput as error:
        return _new(visit, error.issues)
    except (LimitExceeded, RemoteFailed) as error:
        return _new(visit, (Issue(field, "not_taken", str(error)),))
    return Gone(f"{visit.base}/imports/drafts/{draft.id}")


def _sent(visit: Visit) -> Source | Remote:
    """What came with the form. Raises: InvalidInput if nothing did; what `open_url` raises."""
    if "file" in visit.files:
        return visit.files["file"].source()
    url, limits = visit.form["url"].strip(), visit.house.limits
    if not url:
        raise InvalidInput.of("file", "required", "Choose a file, or give the address of one.")
    return at_hand(
        url,
        partial(
            open_url,
            field="url",
            data_url_characters=limits.body_bytes,
            fetch_bytes=limits.fetch_bytes,
            fetch_seconds=min(limits.fetch_seconds, WAIT_SECONDS),
            allow=limits.fetch_allow,
        ),
    )


def show(visit: Visit) -> Reply:
    """What was understood of a file."""
    return _draft(visit, visit.house.imports.drafts.find(visit.who, visit.params["draft"]))


def _draft(visit: Visit, draft: Draft, issues: tuple[Issue, ...] = ()) -> Shown:
    preview: Preview | None = None
    in_time = True
    try:
        preview = visit.house.imports.preview(
            visit.who, visit.house.imports.drafts.source(visit.who, draft), draft.options
        )
    except InvalidInput as error:
        in_time = not isinstance(error, TakesLong)
        issues = (*issues, *(issue for issue in error.issues if issue not in issues))
    except LimitExceeded as error:
        issues = (*issues, Issue("file", "not_taken", str(error)))
    options = draft.options
    if preview is not None and not draft.chosen:
        options = structs.replace(options, match=imports_drafts.match_for(preview))
    books, saved = visit.read(
        lambda session, actor: (address_books.seen(session, actor), imports_mappings.every(session))
    )
    values = {
        "draft": draft, "options": options, "preview": preview, "issues": issues, "books": books, "saved": saved,
        "book": options.book or visit.read(address_books.default).number,
        "encodings": _encodings(preview, options), "delimiters": _delimiters(visit, preview, options),
        "columns": _columns(visit, preview), "typed": visit.form,
        "can_plan": preview is not None or not in_time,
    }  # fmt: skip
    return Shown("imports/draft.html", values, 422 if issues else 200)


def _encodings(preview: Preview | None, options: ImportOptions) -> list[tuple[str, str]]:
    """Names and words; the first is what was found out."""
    found = options.encoding or (preview.encoding if preview else None) or ""
    others = [(name, word) for name, word in ENCODINGS if word != _NAMES.get(found)]
    return [(options.encoding or "", _NAMES.get(found, found) or "–"), *others]


def _delimiters(visit: Visit, preview: Preview | None, options: ImportOptions) -> list[tuple[str, str]]:
    found = options.delimiter or (preview.delimiter if preview else None) or ""
    known = {sign: visit.words(f"imports.delimiter.{key}") for sign, key in DELIMITERS}
    first = _TAB if options.delimiter == "\t" else options.delimiter or ""
    others = [(_TAB if sign == "\t" else sign, word) for sign, word in known.items() if sign != found]
    return [(first, known.get(found, found) or "–"), *others]


def _columns(visit: Visit, preview: Preview | None) -> list[dict[str, Any]]:
    return [
        {
            "heading": one.heading,
            "target": one.target,
            "confidence": round(one.confidence * 100),
            "samples": one.samples,
            "groups": targets.groups(visit.words, one.heading, one.target),
        }
        for one in (preview.columns if preview else ())
    ]


def change(visit: Visit) -> Reply:
    """Keep what was chosen; then look again, or plan."""
    drafts = visit.house.imports.drafts
    draft = drafts.find(visit.who, visit.params["draft"])
    try:
        draft = imports_drafts.chosen(draft, **_chosen(visit, draft.options))
        drafts.keep(visit.who, draft)
        code = country.code_of(visit.form["country"]) if visit.form["country"].strip() else None
        if visit.form["country"].strip() and code is None:
            raise InvalidInput.of("country", "unknown_country", "Give a country, or its two letters, such as FR.")
        draft = imports_drafts.chosen(draft, country=code)
        drafts.keep(visit.who, draft)
        _save(visit, draft)
        if visit.form["do"] != "plan":
            return Gone(f"{visit.path}")
        return _plan(visit, draft)
    except InvalidInput as error:
        return _draft(visit, draft, error.issues)


def _chosen(visit: Visit, before: ImportOptions) -> dict[str, Any]:
    """The options that a form holds; other ways to read the file are other columns. Raises: InvalidInput."""
    form = visit.form
    reading = {
        "encoding": form["encoding"] or None,
        "delimiter": "\t" if form["delimiter"] == _TAB else form["delimiter"] or None,
        "sheet": form["sheet"].strip() or None,
        "mapping": form["mapping"] or None,
    }
    same = all(getattr(before, name) == value for name, value in reading.items())
    choice = form.all("target")
    # What was recognised and left as it was stays so, and is not remembered as somebody's own choice.
    told = same and choice and (choice != form.all("proposed") or before.targets is not None)
    return {
        **reading,
        "targets": imports_drafts.targets_of(form.all("heading"), choice) if told else before.targets if same else None,
        "book": form.number("book") or None,
        "match": _one_of(form["match"], get_args(MatchKey), "match"),
        "found": _one_of(form["found"], get_args(Found), "found"),
        **{name: bool(form[name]) for name in _FLAGS},
        "make_groups": not form["no_groups"],
    }


def _one_of(given: str, known: tuple[str, ...], field: str) -> str:
    if given not in known:
        raise InvalidInput.of(field, "unknown", "Choose one of these.")
    return given


def _save(visit: Visit, draft: Draft) -> None:
    """Keep the mapping under a name, if somebody gave one. Raises: InvalidInput with an issue ``save_as``."""
    name, form = visit.form["save_as"].strip(), visit.form
    if not name:
        return
    chosen = draft.options.targets
    if chosen is None:
        chosen = imports_drafts.targets_of(form.all("heading"), form.all("target"))
    mapping = chosen
    try:
        visit.write(lambda session, actor: imports_mappings.save(session, actor, name, mapping))
    except InvalidInput as error:
        raise InvalidInput(_at_its_field(issue) for issue in error.issues) from None


def _at_its_field(issue: Issue) -> Issue:
    """An issue about a name, where the name was typed."""
    return Issue("save_as" if issue.field == "name" else issue.field, issue.code, issue.message)


def _plan(visit: Visit, draft: Draft) -> Reply:
    imports = visit.house.imports
    landed = imports.drafts.landed(visit.who, draft)
    try:
        made = imports.begin(visit.who, landed, draft.options, plan=True)
    except OnebookError:
        landed.discard()
        raise
    imports.drafts.drop(visit.who, draft.id)
    return Gone(f"{visit.base}/imports/{made.id}")


def drop(visit: Visit) -> Reply:
    """Forget a file."""
    visit.house.imports.drafts.drop(visit.who, visit.params["draft"])
    return Gone(f"{visit.base}/imports", Notice("imports.dropped"))


ROUTES: Final = (
    PageRoute("GET", "/accounts/{account:int}/imports/new", show_new, "write"),
    PageRoute("POST", "/accounts/{account:int}/imports/new", take, "write", takes_files=True),
    PageRoute("GET", "/accounts/{account:int}/imports/drafts/{draft}", show, "write"),
    PageRoute("POST", "/accounts/{account:int}/imports/drafts/{draft}", change, "write"),
    PageRoute("POST", "/accounts/{account:int}/imports/drafts/{draft}/drop", drop, "write"),
)
