"""JSON Lines: a contact a line, in onebook's own words, or as an object whose keys are like headings."""

from typing import Any, Final

from msgspec.structs import replace

from onebook.importing.columns import Columns
from onebook.importing.delimited import LINE_CHARACTERS
from onebook.importing.faults import Faults
from onebook.importing.fields import Said, Words, lay_over
from onebook.importing.headings import beside, meaning
from onebook.importing.json_keys import Line, line_of, text_of
from onebook.importing.mapping import CUSTOM, Mapping, parse_target
from onebook.importing.row_reader import RowReader
from onebook.model import merge

_NO_OBJECT: Final = "The line is no JSON object; it begins with { and ends with }."
_TOO_LONG: Final = f"The line is longer than {LINE_CHARACTERS:,} characters; shorten it."
_DAMAGED: Final = "The line is damaged JSON; look at its commas, quotation marks, brackets and backslashes."
_NAMES: Final = ("tags", "lists", "groups")
# A field in our own words goes before the columns of the same; what these say else becomes a custom field.
_HIDDEN: Final = {
    "name": ("name.full", "name.prefix", "name.middle", "name.suffix"),
    **{field: (field,) for field in ("notes", "organization", "external_id")},
}
# Judgement: more keys that only this line has are hardly words for what every contact has.
_MOST_LATE: Final = 100
_READERS: Final = 100


class LineReader:
    """Reads the lines of one file."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        self._known = frozenset(columns.headings)
        self._readers: dict[tuple[str, ...], _Reader] = {(): _Reader(columns)}
        # Lines of one file may have several keys for the same; only the first has the target that all of them mean.
        targets = self._readers[()].targets
        self._first = {target: heading for heading, target in reversed(targets.items()) if target == meaning(heading)}
        self._same = {
            heading: self._first[known]
            for heading, target in targets.items()
            if (known := meaning(heading)) in self._first
            and (target == CUSTOM + heading or _bare(target) == _bare(known))
        }

    def read(self, text: str, words: Words, faults: Faults) -> Said:
        """What a line says; what is wrong with it is noted."""
        if len(text) > LINE_CHARACTERS:
            faults.add("row", "too_long", _TOO_LONG, text)
            return Said()
        line = line_of(text)
        if line is not None:
            line = line if line.is_own else line._replace(rest=self._called_alike(line.rest))
            return self._reader(line).read(line, words, faults)
        shown = text.strip()
        faults.add("row", "not_json", _DAMAGED if shown[:1] == "{" and shown[-1:] == "}" else _NO_OBJECT, shown)
        return Said()

    def _called_alike(self, rest: dict[str, Any]) -> dict[str, Any]:
        """The values, each under the first heading that means what its own does, if this has none in the line."""
        others = {key: other for key in rest if (other := self._alike(key)) and other != key and not rest.get(other)}
        if not others:
            return rest
        found = {key: value for key, value in rest.items() if key not in others}
        for key, other in others.items():
            found[key if found.get(other) else other] = rest[key]
        return found

    def _alike(self, key: str) -> str | None:
        if key in self._known:
            return self._same.get(key)
        return self._first.get(meaning(key))

    def _reader(self, line: Line) -> "_Reader":
        """The reader of a line: one of its own where it has keys that the first lines had not."""
        late = [key for key, value in line.rest.items() if value is not None and key not in self._known]
        keys = tuple(key for key in late[:_MOST_LATE] if meaning(key))
        found = self._readers.get(keys)
        if found is None:
            if len(self._readers) >= _READERS:
                self._readers = {(): self._readers[()]}
            found = self._readers[keys] = _Reader(_with(self._columns, keys))
        return found


def _bare(target: str) -> tuple[str, str | None] | None:
    """A target without the number of its entry."""
    known = parse_target(target)
    return (known.name, known.type) if known else None


def _with(columns: Columns, keys: tuple[str, ...]) -> Columns:
    """The columns of a file, and more of them behind."""
    targets = {column: target for target, several in columns.of.items() for column in several}
    width = len(columns.headings)
    more = dict(enumerate(beside(targets.values(), keys), width))
    mapping = Mapping({**targets, **more})
    return Columns.found((*columns.headings, *keys), mapping, columns.country, columns.limits, columns.rules)


class _Reader:
    """Reads lines of which all keys that are understood have columns."""

    def __init__(self, columns: Columns) -> None:
        self._rows = RowReader(columns)
        self._of, self._headings = columns.of, columns.headings
        places = {at: target for target, several in columns.of.items() for at in several}
        self.targets = {columns.headings[at]: target for at, target in sorted(places.items())}

    def read(self, line: Line, words: Words, faults: Faults) -> Said:
        """What a line says; what is wrong with it is noted."""
        hidden = {} if line.is_own else self._hidden(line)
        cells, named, odd = line.rest, dict[str, tuple[str, ...]](), dict[str, Any]()
        if hidden or any(isinstance(value, dict | list) for value in cells.values()):
            cells, named, odd = self._flat({key: value for key, value in cells.items() if key not in hidden})
        said = self._rows.read([text_of(cells.get(heading)) for heading in self._headings], faults)
        said = replace(said, **{field: (*getattr(said, field), *names) for field, names in named.items()})
        custom = self._custom(line.rest) | odd | {key: value for key, value in hidden.items() if value is not None}
        if any(faults.has_nul(key, key, text_of(value)) for key, value in custom.items()):
            return said
        fields = line.fields
        if custom:
            said = replace(said, card=replace(said.card, custom=said.card.custom | custom))
            if isinstance(fields.get("custom"), dict):
                fields = {**fields, "custom": said.card.custom | fields["custom"]}
        laid = lay_over(replace(said, ours=line.is_own), fields, Words(words.country, exact=line.is_own), faults)
        return laid if line.is_own else _together(said, laid, fields)

    def _flat(self, rest: dict[str, Any]) -> tuple[dict[str, Any], dict[str, tuple[str, ...]], dict[str, Any]]:
        """The values, lists of texts as one text; the names of groups, lists and tags; and what is no text at all."""
        flat, named, odd = dict[str, Any](), dict[str, tuple[str, ...]](), dict[str, Any]()
        for heading, value in rest.items():
            target = self.targets.get(heading, CUSTOM)
            if target.startswith(CUSTOM) or not isinstance(value, dict | list):
                flat[heading] = value
            elif isinstance(value, dict) or any(isinstance(one, dict | list) for one in value):
                odd[heading] = value
            else:
                texts = tuple(text for one in value if (text := text_of(one).strip()))
                if target in _NAMES:
                    named[target] = (*named.get(target, ()), *texts)
                else:
                    flat[heading] = "\n".join(texts)
        return flat, named, odd

    def _custom(self, rest: dict[str, Any]) -> dict[str, Any]:
        """What has no column, and what has one of its own and is no text."""
        custom = {
            key: value
            for key, value in rest.items()
            if value is not None and key not in self.targets and key not in self._headings
        }
        return custom | {
            key: rest[heading]
            for heading, key in self._rows.custom_keys
            if not isinstance(rest.get(heading), str | None)
        }

    def _hidden(self, line: Line) -> dict[str, Any]:
        """The columns that a field in our own words hides, with what they say else."""
        found = dict[str, Any]()
        for field, targets in _HIDDEN.items():
            if shown := text_of(line.fields.get(field)):
                keys = [self._headings[column] for target in targets for column in self._of.get(target, ())]
                found |= {key: None if text_of(line.rest.get(key)) in shown else line.rest[key] for key in keys}
        return found


def _together(said: Said, laid: Said, fields: dict[str, Any]) -> Said:
    """What fields in our own words say, and what the columns say beside them."""
    first, more = laid.card, said.card
    card: dict[str, Any] = {}
    if "phones" in fields and more.phones:
        card["phones"] = merge.one_primary(merge.unique_phones([*first.phones, *more.phones]))
    if "emails" in fields and more.emails:
        card["emails"] = merge.one_primary(merge.unique_emails([*first.emails, *more.emails]))
    if "addresses" in fields and more.addresses:
        card["addresses"] = (*first.addresses, *more.addresses)
    if fields.get("name") and not {"given", "family"}.intersection(fields["name"]) and (more.given or more.family):
        card |= {"given": more.given, "family": more.family}
    names = {
        field: tuple(dict.fromkeys([*getattr(laid, field), *getattr(said, field)]))
        for field in _NAMES
        if field in fields and getattr(said, field)
    }
    if said.groups_cell and (laid.groups or "groups" in names):
        names["groups"] = tuple(dict.fromkeys([*names.get("groups", laid.groups), said.groups_cell]))
    return replace(laid, card=replace(first, **card), **names) if card or names else laid
