"""What the properties of a vCard say of a contact."""

from collections.abc import Iterable
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from onebook.importing.entries import address_of
from onebook.importing.faults import Faults
from onebook.importing.fields import Said, Words, kind_of, lay_over
from onebook.importing.vcard import Property, properties, unescaped
from onebook.model import email as emails
from onebook.model import merge
from onebook.model import name as names
from onebook.model import phone as phones
from onebook.model.contact import Address, Card, Email, Phone
from onebook.model.fold import tokens

OWN: Final = "X-ONEBOOK"
# Types that say nothing of what an entry is for.
_IDLE: Final = frozenset(
    {"voice", "internet", "pref", "text", "msg", "video", "x-internet", "textphone", "x400", "iphone"}
)
_WORDS: Final = {"cell": "mobile"}
_ORDER: Final = ("home", "work")
# Properties that are about the card, are pictures, sounds and keys, or are read with others.
_PASSED: Final = frozenset(
    {
        *(
            "VERSION",
            "PRODID",
            "REV",
            "SOURCE",
            "XML",
            "CLIENTPIDMAP",
            "CLASS",
            "MAILER",
            "AGENT",
            "SORT-STRING",
            "NAME",
        ),
        *("PROFILE", "PHOTO", "LOGO", "SOUND", "KEY", "X-ABLABEL"),
        *("X-ABUID", "X-ABADR", "X-ABSHOWAS", "X-IMAGETYPE", "X-IMAGEHASH", OWN, "LABEL"),
    }
)
_LONGEST_ID: Final = 255
# Parts of N behind family and given name, and what they are called as custom fields. Source: RFC 6350, 6.2.2; RFC 9554.
_NAME: Final = ("name_middle", "name_prefix", "name_suffix", "name_secondary", "name_generation")
# Parts of ADR in their order. Source: RFC 6350, 6.3.1.
_ADDRESS: Final = ("po_box", "line2", "line1", "city", "state", "postal_code", "country")


def read_card(text: str, words: Words, faults: Faults) -> Said:
    """What a card says; what is wrong with it is noted."""
    found = list(properties(text))
    if text[:11].upper() != "BEGIN:VCARD":
        faults.add("row", "unopened_card", "The card has no beginning; it begins with a line BEGIN:VCARD.")
    elif text.rstrip()[-9:].upper() != "END:VCARD":
        faults.add("row", "unclosed_card", "The card has no end; it ends with a line END:VCARD.")
    labels = {one.group: one.text for one in found if one.name == "X-ABLABEL" and one.group}
    own = next((one for one in found if one.name == OWN), None)
    by_name: dict[str, list[Property]] = {}
    for one in found:
        if one.value and not faults.has_nul(one.name, one.value):
            by_name.setdefault(one.name, []).append(one)
    said = _said(by_name, labels, words, faults, is_own=own is not None or _is_ours(by_name))
    return said if own is None else _with_own(said, own, faults)


def _is_ours(found: dict[str, list[Property]]) -> bool:
    return any("onebook" in one.value for one in found.get("PRODID", ()))


def _said(
    found: dict[str, list[Property]], labels: dict[str, str], words: Words, faults: Faults, *, is_own: bool
) -> Said:
    full, given, family, custom = _name(found)
    kinds = [*found.pop("KIND", ()), *found.pop("X-ADDRESSBOOKSERVER-KIND", ())]
    company = _first(found, "ORG")
    organization = [part for part in company.parts() if part] if company else []
    notes = "\n".join(one.text for one in found.pop("NOTE", ()))
    tags = [tag for one in found.pop("CATEGORIES", ()) for tag in one.parts(",") if tag]
    external_id = _external_id(found, is_own=is_own)
    members = [*found.pop("MEMBER", ()), *found.pop("X-ADDRESSBOOKSERVER-MEMBER", ())]
    if len(organization) > 1:
        custom["department"] = ", ".join(organization[1:])
    card = Card(
        full=full,
        given=given,
        family=family,
        phones=_phones(found.pop("TEL", ()), labels, words, faults, is_own=is_own),
        emails=_emails(found.pop("EMAIL", ()), labels, faults, is_own=is_own),
        addresses=_addresses(found.pop("ADR", ()), found.pop("LABEL", ()), labels),
        notes=notes or None,
        organization=organization[0] if organization else None,
    )
    custom |= {
        name.lower(): "\n".join(dict.fromkeys(_labelled(one, labels) for one in several))
        for name, several in found.items()
        if name not in _PASSED
    }
    kind = kind_of(kinds[0].text, "KIND", faults) if kinds else "individual"
    said = Said(replace(card, custom=custom), kind, external_id, tags=tuple(dict.fromkeys(tags)), ours=is_own)
    # Of our own cards the uids are other ones after an import; `OWN` has names of groups instead.
    return replace(said, members=_members(members)) if members and kind == "group" and not is_own else said


def _members(found: Iterable[Property]) -> tuple[str, ...]:
    """The members of a group, each once: uids or mail addresses (RFC 6350, 6.6.5), those first that are preferred."""
    texts = dict.fromkeys(one.text for one in sorted(found, key=lambda one: not _is_first(one)))
    return tuple(text for text in texts if 0 < len(text) <= _LONGEST_ID)


def _first(found: dict[str, list[Property]], name: str) -> Property | None:
    """The preferred one of a property; others that say something else are left."""
    several = sorted((one for one in found.pop(name, ()) if any(one.parts())), key=_preference)
    if more := [one for one in several[1:] if one.text != several[0].text]:
        found[name] = more
    return several[0] if several else None


def _preference(one: Property) -> int:
    """The smaller, the more preferred (RFC 6350, 5.3)."""
    said = one.params.get("PREF", "")
    return 1 if "pref" in one.types else int(said) if said.isdecimal() and len(said) <= len("100") else 101


def _external_id(found: dict[str, list[Property]], *, is_own: bool) -> str | None:
    """The card's uid, unless it is one of ours; others, and one that is too long, are left."""
    texts = {one.text: one for one in found.pop("UID", ()) if one.text and not is_own}
    first = next((text for text in texts if len(text) <= _LONGEST_ID), None)
    if more := [one for text, one in texts.items() if text != first]:
        found["UID"] = more
    return first


def _name(found: dict[str, list[Property]]) -> tuple[str | None, str | None, str | None, dict[str, Any]]:
    """Full, given and family name, and what the full one does not say, as custom fields."""
    whole, apart = _first(found, "FN"), _first(found, "N")
    if whole and not apart:
        return whole.text, *names.split(whole.text), {}
    parts = apart.parts() if apart else []
    family, given, *more = (*parts, "", "")
    rest = {key: text for key, text in zip(_NAME, more, strict=False) if text}
    if whole:
        rest = {key: text for key, text in rest.items() if not _says(whole.text, text)}
        return whole.text, given or None, family or None, rest
    middle, prefix, suffix = (rest.get(key) for key in _NAME[:3])
    full = " ".join(filter(None, (prefix, given, middle, family, suffix))) or None
    rest.pop("name_middle", None)
    return full, given or None, family or None, rest


def _says(full: str, part: str) -> bool:
    """Whether a name has the words of a part of it."""
    words = tokens(part)
    return set(words) <= set(tokens(full)) if words else part in full


def _phones(
    found: Iterable[Property], labels: dict[str, str], words: Words, faults: Faults, *, is_own: bool
) -> tuple[Phone, ...]:
    read = []
    for one in found:
        text = one.text.removeprefix("tel:")
        text = text if is_own else phones.clean_cell(text)
        if not text:
            continue
        phone = phones.read(text, words.country, type=_type(one, labels), primary=_is_first(one))
        if phone.e164 is None and not is_own:
            faults.no_number("TEL", one.text, words.country)
        read.append(phone)
    return tuple(read) if is_own else merge.one_primary(merge.unique_phones(read))


def _emails(found: Iterable[Property], labels: dict[str, str], faults: Faults, *, is_own: bool) -> tuple[Email, ...]:
    read = []
    for one in found:
        sent = one.text.removeprefix("mailto:")
        address = sent if is_own else emails.found_in(sent)
        if address is None:
            faults.no_address("EMAIL", sent)
        elif address:
            read.append(Email(address, _type(one, labels), _is_first(one)))
    return tuple(read) if is_own else merge.one_primary(merge.unique_emails(read))


def _addresses(found: Iterable[Property], whole: Iterable[Property], labels: dict[str, str]) -> tuple[Address, ...]:
    """The addresses in parts, and those as texts; a text of the same place is that of the address in parts."""
    read = [(one, texts) for one in found if (texts := {**_parts(one), **_label(one)})]
    for one in whole:
        same = [texts for other, texts in read if _places(other) == _places(one) and "text" not in texts]
        if same:
            same[0]["text"] = one.text
        else:
            read.append((one, {"text": one.text}))
    return tuple(address_of(texts, _type(one, labels)) for one, texts in read if any(texts.values()))


def _places(one: Property) -> frozenset[str]:
    return one.types.intersection(_ORDER)


def _parts(one: Property) -> dict[str, str]:
    parts = one.parts()
    if not parts[1:]:
        return {"text": parts[0]} if parts[0] else {}
    return {part: text for part, text in zip(_ADDRESS, parts, strict=False) if text}


def _label(one: Property) -> dict[str, str]:
    label = unescaped(one.params.get("LABEL", ""))
    return {"text": label} if label else {}


def _labelled(one: Property, labels: dict[str, str]) -> str:
    """A value with what it is for: ``Bob (spouse)``."""
    word = _type(one, labels)
    return f"{one.text} ({word})" if word else one.text


def _type(one: Property, labels: dict[str, str]) -> str | None:
    """Our word for what an entry is for; the label that Apple's contacts give it wins."""
    label = labels.get(one.group, "")
    if label:
        bare = label.removeprefix("_$!<").removesuffix(">!$_")
        return bare if bare == label else bare.lower()
    known = {_WORDS.get(word, word) for word in one.types - _IDLE if word}
    return " ".join(sorted(known, key=lambda word: (word not in _ORDER, word))) or None


def _is_first(one: Property) -> bool:
    return "pref" in one.types or one.params.get("PREF") == "1"


def _with_own(said: Said, own: Property, faults: Faults) -> Said:
    """Lay what only our own property says over the others; a broken one is passed over."""
    try:
        given = msgspec.json.decode(own.text, type=dict[str, Any])
    except msgspec.MsgspecError:
        return said
    return lay_over(said, given, Words(exact=True), faults)
