"""Drawing pages: one Jinja environment in which everything is escaped and nothing may be missing."""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

import msgspec
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from onebook.model import name
from onebook.model.contact import Contact
from onebook.web import assets
from onebook.web.words import LANGUAGES

_FOLDER: Final = Path(__file__).parent / "templates"
_ASIDE: Final = frozenset({"type", "e164", "primary"})  # of an entry: said otherwise, or not by people
_ICON: Final = re.compile(r"<svg.*?>(?P<inside>.*)</svg>", re.DOTALL)


@cache
def environment() -> Environment:
    """The environment of all templates."""
    made = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.globals |= {"asset": assets.address, "icon": icon, "languages": LANGUAGES}
    made.filters |= {"moment": moment, "called": called, "initials": initials, "zip_with": zip, "json_text": json_text}
    made.filters |= {"size": size, "plain": plain, "pair": pair, "zipped": zipped}
    return made


def draw(template: str, values: Mapping[str, Any]) -> str:
    """The HTML of a template."""
    return environment().get_template(template).render(values)


@cache
def icon(sign: str, extra: str = "") -> Markup:
    """One of the vendored signs, written into the page: a decoration, so nothing is read out.

    Raises: KeyError for one that is not vendored.
    """
    found = assets.asset(f"vendor/tabler-icons/{sign}.svg")
    if found is None:
        raise KeyError(sign)
    inside = _ICON.search(found.body.decode())
    drawn = " ".join((inside["inside"] if inside else "").split())
    start = '<svg class="icon {}" width="24" height="24" viewBox="0 0 24 24" fill="none" stroke="currentColor" '
    more = 'stroke-width="2" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">'
    return Markup(start + more).format(extra) + Markup(drawn) + Markup("</svg>")  # noqa: S704 - a vendored file


def moment(milliseconds: int) -> Markup:
    """A time, in UTC; the browser shows it in its own zone."""
    said = datetime.fromtimestamp(milliseconds / 1000, UTC)
    return Markup('<time datetime="{}" data-local>{} UTC</time>').format(
        said.isoformat(timespec="seconds"), said.strftime("%Y-%m-%d %H:%M")
    )


def called(contact: Contact) -> str:
    """What a contact is called: its name, else its number or mail address; empty if it has none of them."""
    return contact.card.full or name.display(contact.card)


def json_text(value: Any) -> str:
    """A value of a custom field that is no text."""
    return msgspec.json.encode(value).decode()


def initials(text: str) -> str:
    """Up to two letters that stand for a name."""
    words = [word for word in re.split(r"[\W_]+", text) if word]
    return "".join(word[0] for word in (words if len(words) < 2 else (words[0], words[-1]))).upper()  # noqa: PLR2004


def size(number: int) -> str:
    """A number of bytes as people say it.

    >>> size(2_500_000)
    '2.5 MB'
    """
    rest = float(number)
    for unit in ("B", "kB", "MB"):
        if rest < 1000:  # noqa: PLR2004 - powers of ten, as files are sized
            return f"{rest:.3g} {unit}"
        rest /= 1000
    return f"{rest:.3g} GB"


def plain(value: object) -> str:
    """A value out of a contact's card, in one line.

    >>> plain([{"raw": "0611", "type": "work"}])
    '0611 (work)'
    """
    if value is None:
        return ""
    if isinstance(value, Mapping):
        kind = f" ({value['type']})" if value.get("type") else ""
        said = [plain(one) for name, one in value.items() if name not in _ASIDE and one]
        return ", ".join(said) + kind
    if isinstance(value, list | tuple):
        return "; ".join(filter(None, map(plain, value)))
    return str(value)


def pair(thing: object, first: str, second: str) -> tuple[Any, Any]:
    """Two of a thing's values: a choice's value and word."""
    return getattr(thing, first), getattr(thing, second)


def zipped(words: Iterable[str]) -> list[tuple[str, str]]:
    """Choices whose values are their words."""
    return [(word, word) for word in words]
