"""In which encoding a text file is: its mark, else strict UTF-8 on the whole of it, else the best guess.

The guess has two parts. charset-normalizer tells scripts apart (Cyrillic, Greek, Chinese…) but not the Latin code
pages: it takes French in cp1252 for cp1250. Those are told apart by words: the right one is the one in which the
accented letters of each word belong to one language.
"""

import codecs
import itertools
import re
from collections import Counter
from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

from charset_normalizer import from_bytes

from onebook.errors import InvalidInput
from onebook.importing.patience import Heed, heeded
from onebook.importing.source import Source

_BLOCK_BYTES = 1 << 20
# charset-normalizer is wrong about the first 64 KiB of western text, and right about a megabyte.
_SAMPLE_BYTES = 1 << 20
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Python calls these encodings of text, but no file is written in them, and some run very long.
_NOT_OF_FILES = frozenset({"idna", "punycode", "undefined", "unicode_escape", "raw_unicode_escape", "utf-7", "mbcs"})

# Blanks, digits, line ends and delimiters are one character in so many at least, in any script.
_PLAIN_CHARACTERS = 12
# One broken byte in a long UTF-8 file must not turn every accent of it into two letters of cp1252.
_SOUND_TO_BROKEN = 20

# The letters that languages add to a to z; a word is at home in an encoding that has one language for all of it.
# Source: the exemplar characters of Unicode CLDR for these languages, without foreign letters.
_WESTERN = ("àâæçéèêëîïôœùûüÿ", "äöüß", "áéíñóúü", "áâãàçéêíóôõú", "àèéìòù", "åäöé", "åæøé", "áéíóúýþæöð", "àçèéíïòóúü")
_CENTRAL = ("ąćęłńóśźż", "áčďéěíňóřšťúůýž", "áäčďéíĺľňóôŕšťúýž", "áéíóöőúüű", "čćđšž", "ăâîşţșț")
_TURKISH = ("çğıöşüiâîû",)
_BALTIC = ("āčēģīķļņšūž", "ąčęėįšųūž", "äõöüšž")
# In order: of encodings that do equally well, the first counts. Only English in it, or euro signs: cp1252.
_LATIN: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("cp1252", _WESTERN),
    ("cp1250", _CENTRAL),
    ("iso8859_2", _CENTRAL),
    ("cp1254", _TURKISH),
    ("cp1257", _BALTIC),
    ("mac_roman", _WESTERN),
    ("cp850", _WESTERN),
    ("cp852", _CENTRAL),
)
# From this share of words at home on it is Latin text, whatever else it could be.
_AT_HOME = 0.9
_WORDS_LOOKED_AT = 5_000
_WORD = re.compile(r"[A-Za-z\u0080-\U0010ffff]*[\u0080-\U0010ffff][A-Za-z\u0080-\U0010ffff]*")
# Signs that stand between words in any of these languages; opening ones not behind a letter, where they are accents
# of another encoding.
_SIGNS = re.compile("(?<![A-Za-z])[‘‚„¡¿]|[\u00a0–—’“”…•€£¥§©®°ºª«»·™\u00ad‹›]")
# Named without having looked: the default of so many programs that it says nothing.
_DEFAULTS = frozenset({"utf-8", "ascii", "iso8859-1"})
# What charset-normalizer may be believed about: other scripts than Latin.
_OTHER_SCRIPTS = re.compile(
    r"big5.*|cp(?:1006|1125|125[13568]|737|85[56]|86[2469]|874|932|949|950)|euc_.*|gb.*|hz|iso2022_.*"
    r"|iso8859_(?:[5678]|11)|johab|koi8_.|kz1048|mac_(?:cyrillic|greek)|ptcp154|shift_jis.*|tis_620"
)


def _as_cp1252(error: UnicodeError) -> tuple[str, int]:
    """Bytes that are no UTF-8, as the program wrote them that has put its line among others in UTF-8."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


MIXED = "onebook-cp1252"
codecs.register_error(MIXED, _as_cp1252)


class Encoding(NamedTuple):
    """How to decode a file: the codec's name, and what to do with bytes that it does not know."""

    name: str
    errors: str = "strict"


def encoding_of(source: Source, named: str | None, *, field: str, heed: Heed = lambda: None) -> Encoding:
    """Find the encoding of a text file.

    Args:
        source: the file. named: the encoding that the caller insists on. field: the caller's name of the file.
        heed: called once a second while the file is read; it may raise.

    Raises:
        InvalidInput: if the one that was named does not exist.
    """
    if named is not None:
        known = _known(named)
        if known is None:
            raise InvalidInput.of(field, "encoding", "The encoding that was named is not known.")
        return Encoding(known)
    head = source.head()
    for mark, name in _MARKS:
        if head.startswith(mark):
            return Encoding(name)
    wide = _without_mark(head)
    if wide:
        return Encoding(wide)
    sample = _not_utf8(source, heed)
    return Encoding("utf-8") if sample is None else _guess(sample, _known(source.charset))


def _known(name: str | None) -> str | None:
    """The codec's own name, if it is one that text files are written in."""
    try:
        found = codecs.lookup((name or "").strip()).name
        # Codecs that do not make text (base64, zlib) are found, but refuse this.
        b"ab".decode(found, "replace")
    except (LookupError, ValueError):
        return None
    return None if found in _NOT_OF_FILES else found


def _without_mark(head: bytes) -> str | None:
    """UTF-16 without its mark: in a good part of the characters one byte is zero, always the same one."""
    pairs = len(head) // 2
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if odd * _PLAIN_CHARACTERS > pairs and not even:
        return "utf-16-le"
    return "utf-16-be" if even * _PLAIN_CHARACTERS > pairs and not odd else None


def _not_utf8(source: Source, heed: Heed) -> bytes | None:
    """None if the whole file is UTF-8; else the lines of it that are not plain ASCII, up to a megabyte."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    sample = bytearray()
    sound = True
    with source.open() as reader:
        for block in heeded(iter(partial(reader.read, _BLOCK_BYTES), b""), heed):
            try:
                sound = sound and decoder.decode(block) is not None
            except UnicodeDecodeError:
                sound = False
            if len(sample) < _SAMPLE_BYTES and not block.isascii():
                sample += b"\n".join(_accented(block))[: _SAMPLE_BYTES - len(sample)]
            if not sound and len(sample) >= _SAMPLE_BYTES:
                break
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        sound = False
    return None if sound else bytes(sample)


def _accented(block: bytes) -> Iterator[bytes]:
    return (line for line in block.splitlines() if not line.isascii())


def _guess(sample: bytes, hint: str | None) -> Encoding:
    """The likeliest encoding of lines that are no UTF-8."""
    text = sample.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    sound = sum(not char.isascii() for char in text) - broken
    if sound > broken * _SOUND_TO_BROKEN:
        return Encoding("utf-8", MIXED)
    merits = {name: _at_home(sample.decode(name, "replace"), languages) for name, languages in _LATIN}
    latin = max(merits, key=lambda name: merits[name])
    if sound and _at_home(sample.decode("utf-8", MIXED), _WESTERN) >= max(merits[latin], (_AT_HOME, 0.0)):
        return Encoding("utf-8", MIXED)
    if hint and hint not in _DEFAULTS and _decodes(sample, hint):
        return Encoding(hint, "replace")
    if merits[latin][0] < _AT_HOME:
        best = from_bytes(sample).best()
        if best is not None and _OTHER_SCRIPTS.fullmatch(best.encoding):
            return Encoding(best.encoding, "replace")
    return Encoding(latin, "replace")


def _decodes(sample: bytes, encoding: str) -> bool:
    try:
        sample.decode(encoding)
    except ValueError:
        return False
    return True


def _at_home(text: str, languages: tuple[str, ...]) -> tuple[float, float]:
    """How well the words with accents go with the languages of an encoding; 1 and 1 if there are none.

    Returns:
        the share of words whose accents are all of one language, in hundredths;
        the share of words that are all of the same language, which tells chance from meaning.
    """
    found = itertools.islice(_WORD.finditer(_SIGNS.sub(" ", text)), _WORDS_LOOKED_AT)
    words = Counter(_accents(match.group()) for match in found)
    if not words:
        return 1.0, 1.0
    alphabets = [frozenset(letters) for letters in languages]
    home = sum(count for accents, count in words.items() if any(accents <= letters for letters in alphabets))
    same = max(sum(count for accents, count in words.items() if accents <= letters) for letters in alphabets)
    return round(home / words.total(), 2), same / words.total()


def _accents(word: str) -> frozenset[str]:
    """The letters of a word that are not ASCII, in lower case."""
    return frozenset(letter for letter in word.lower() if not letter.isascii())
