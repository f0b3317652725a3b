"""PackageX: how single values are read. Posture: strict, with null and blank text for "not given" or "clear it"."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import msgspec
from msgspec import UNSET, Struct

from onebook.dialects import strict
from onebook.dialects.base import REFUSED, Field, Schema, read_fields
from onebook.errors import Issue
from onebook.model import email as emails
from onebook.model.contact import Address
from onebook.model.moment import from_query

METADATA_PAIRS: Final = 25
METADATA_KEY: Final = 100
METADATA_VALUE: Final = 500

# From here on a number of seconds would lie after the year 5000: it means milliseconds.
_MILLISECONDS_FROM: Final = 100_000_000_000
_LATEST_SECOND: Final = 253_402_300_799  # the last of the year 9999


def refuse(issues: list[Issue], at: str, code: str, message: str) -> Any:
    """Note what is wrong with the value at ``at``."""
    issues.append(Issue(at, code, message))
    return REFUSED


class Given(Struct, frozen=True):
    """A text, trimmed; null and a blank one are read as None. With ``need`` they are refused."""

    need: bool = False

    @property
    def schema(self) -> Schema:
        return strict.Text.schema if self.need else strict.TextOrNull.schema

    def read(self, value: Any, at: str, issues: list[Issue]) -> Any:
        text = strict.TextOrNull.read(value, at, issues)
        if text is REFUSED:
            return REFUSED
        if text and "\0" in text:
            return refuse(issues, at, "nul", f"{at} must not hold a NUL character.")
        text = (text or "").strip() or None
        if text is None and self.need:
            return refuse(issues, at, "required", f"{at} must not be empty.")
        return text


class Url(Struct, frozen=True):
    """A text that is not blank, however long: what is too long for a data URL is not wrong but too large."""

    @property
    def schema(self) -> Schema:
        return {"type": "string", "minLength": 1}

    def read(self, value: Any, at: str, issues: list[Issue]) -> Any:
        if isinstance(value, str) and value.strip():
            return value
        return refuse(issues, at, "required", f"{at} must be a data URL or a web address.")


KINDS: Final[dict[str, str]] = {"person": "individual", "group": "group"}


class Kind(Struct, frozen=True):
    """``person`` or ``group``, as the kind of the model; null and "" are read as UNSET."""

    @property
    def schema(self) -> Schema:
        return {"enum": [*KINDS, "", None]}

    def read(self, value: Any, at: str, issues: list[Issue]) -> Any:
        if value is None or value == "":
            return UNSET
        kind = KINDS.get(value) if isinstance(value, str) else None
        return kind or refuse(issues, at, "invalid", f"{at} must be person or group.")


class MailAddress(Struct, frozen=True):
    """A mail address, as it was sent; null and "" are read as None."""

    @property
    def schema(self) -> Schema:
        return Given().schema

    def read(self, value: Any, at: str, issues: list[Issue]) -> Any:
        text = Given().read(value, at, issues)
        if text is REFUSED or text is None:
            return text
        if emails.normalize(text) is None:
            return refuse(issues, at, "invalid", f"{at} must be an e-mail address, such as ada@example.com.")
        return text


class AddressValue(Struct, frozen=True):
    """Text, which is an id or free, or an object of ``parts``; null, "" and an absent value are None."""

    parts: Sequence[Field]
    need: bool = False

    @property
    def schema(self) -> Schema:
        return {"anyOf": [Given(need=self.need).schema, strict.Object(self.parts).schema]}

    def read(self, value: Any, at: str, issues: list[Issue]) -> Any:
        """A text, an `Address`, or None."""
        if not isinstance(value, dict):
            return Given(need=self.need).read(value, at, issues)
        faults: list[Issue] = []
        parts = read_fields(self.parts, value, f"{at}.", faults)
        if faults or not any(parts.values()):
            sentence = faults[0].message if faults else f"{at} must have at least one of its parts."
            return refuse(issues, at, "invalid", sentence)
        return Address(**{field.to.removeprefix("addresses."): parts.get(field.name) for field in self.parts})


class Ids(Struct, frozen=True):
    """A list of ids, read as uids, each once; null is an empty one."""

    uid_of: Callable[[str], str | None]

    @property
    def schema(self) -> Schema:
        return {"type": ["array", "null"], "items": {"type": "string"}}

    def read(self, value: Any, at: str, issues: list[Issue]) -> Any:
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            return refuse(issues, at, "wrong_type", f"{at} must be a list of ids.")
        uids = [self.uid_of(one) for one in value]
        if None in uids:
            return refuse(issues, at, "unknown", f"{at} names something that does not exist.")
        return tuple(dict.fromkeys(uids))


class Metadata(Struct, frozen=True):
    """Pairs within the vendor's limits, those to be dropped as None; null and "" for the whole are read as None."""

    @property
    def schema(self) -> Schema:
        return {"type": ["object", "null"], "maxProperties": METADATA_PAIRS, "additionalProperties": True}

    def read(self, value: Any, at: str, issues: list[Issue]) -> Any:
        if value is None or value == "":
            return None
        pairs = strict.Map().read(value, at, issues)
        if pairs is REFUSED:
            return REFUSED
        for broken, sentence in _METADATA_RULES:
            if broken(pairs):
                return refuse(issues, at, "too_long", sentence)
        return {key: None if pair == "" else pair for key, pair in pairs.items()}


def _size(value: Any) -> int:
    return len(value) if isinstance(value, str) else len(msgspec.json.encode(value).decode())


def _has_nul(value: Any) -> bool:
    if isinstance(value, dict):
        return any(_has_nul(one) for pair in value.items() for one in pair)
    if isinstance(value, list):
        return any(map(_has_nul, value))
    return isinstance(value, str) and "\0" in value


_METADATA_RULES: tuple[tuple[Callable[[Mapping[str, Any]], bool], str], ...] = (
    (lambda pairs: len(pairs) > METADATA_PAIRS, f"metadata may have at most {METADATA_PAIRS} pairs."),
    (lambda pairs: not all(pairs), "A key of metadata must not be empty."),
    (
        lambda pairs: any(len(key) > METADATA_KEY for key in pairs),
        f"A key of metadata may have at most {METADATA_KEY} characters.",
    ),
    (
        lambda pairs: any(_size(value) > METADATA_VALUE for value in pairs.values()),
        f"A value of metadata may have at most {METADATA_VALUE} characters.",
    ),
    (_has_nul, "metadata must not hold a NUL character."),
)


class Ignored(Struct, frozen=True):
    """Any value at all; it is taken and not used."""

    @property
    def schema(self) -> Schema:
        return {}

    def read(self, value: Any, at: str, issues: list[Issue]) -> Any:
        return None


class IdText(Struct, frozen=True):
    """Ids in a query, with commas between; what is no id is read as the uid of nobody."""

    uid_of: Callable[[str], str | None]

    @property
    def schema(self) -> Schema:
        return {"type": "string"}

    def read(self, value: Any, at: str, issues: list[Issue]) -> Any:
        """The uids, at least one."""
        return tuple(self.uid_of(one.strip()) or "" for one in value.split(","))


class Moment(Struct, frozen=True):
    """A time in a query: seconds or milliseconds since 1970, or ISO 8601 (UTC unless it says otherwise)."""

    @property
    def schema(self) -> Schema:
        return {"type": "string"}

    def read(self, value: Any, at: str, issues: list[Issue]) -> Any:
        """Whole seconds since 1970."""
        text = value.strip()
        if text.isdecimal() and text.isascii() and len(text) <= len(str(_LATEST_SECOND * 1000)):
            number = int(text)
            second = number // 1000 if number >= _MILLISECONDS_FROM else number
            return min(second, _LATEST_SECOND)
        try:
            moment = datetime.fromisoformat(from_query(text))
            return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
        except (ValueError, OverflowError):
            return refuse(issues, at, "invalid", f"{at} must be seconds since 1970 or a time in ISO 8601.")


class Words(Struct, frozen=True):
    """Text in a query, as it stands."""

    @property
    def schema(self) -> Schema:
        return {"type": "string"}

    def read(self, value: Any, at: str, issues: list[Issue]) -> Any:
        return value
