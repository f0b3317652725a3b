"""The bytes of a file, wherever they came from: a data URL (RFC 2397), the web, an upload, a path."""

import binascii
import io
import os
import re
import tempfile
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from typing import BinaryIO, Self
from urllib.parse import unquote, unquote_to_bytes

from onebook.errors import InvalidInput, LimitExceeded
from onebook.importing.window import Window

# Up to here bytes stay in memory; a file beyond it goes to disk, so that many imports at once cannot fill the memory.
SPOOL_BYTES = 1 << 20

_URL_SAFE = str.maketrans("-_", "+/")
# A media type is short; looking no further for the comma keeps a wrong megabyte from being searched as a header.
_HEADER_CHARACTERS = 1_000
_MEDIA_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]+/[a-z0-9!#$&^_.+-]+")  # RFC 6838, 4.2
_BLANKS = re.compile(r"\s+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Source:
    """A file to be imported; may be opened many times, and at the same time.

    Args:
        content: the bytes, an unlinked temporary file that holds them, or the path of a file that stays.
        size: in bytes.
        media_type: ``text/csv``, in lower case and without parameters; None when nobody said.
        charset: the encoding that the sender named; often wrong, so it is a hint.
        name: the file's name without folders; None when nobody said.
        address: where on the web it was fetched; None for a file that was sent.
    """

    content: bytes | BinaryIO | Path
    size: int
    media_type: str | None = None
    charset: str | None = None
    name: str | None = None
    address: str | None = None

    @classmethod
    def of_path(cls, path: Path) -> Self:
        """A file on this machine; it is not removed afterwards."""
        return cls(path, path.stat().st_size, name=path.name)

    def open(self) -> BinaryIO:
        """A new reader from the first byte on, with a position of its own."""
        if isinstance(self.content, bytes):
            return io.BytesIO(self.content)
        if isinstance(self.content, Path):
            return self.content.open("rb")
        return io.BufferedReader(Window(self.content.fileno()))

    def head(self, size: int = 4096) -> bytes:
        """The first bytes."""
        with self.open() as reader:
            return reader.read(size)

    def close(self) -> None:
        """Let the temporary file go; a file given by its path stays."""
        if not isinstance(self.content, bytes | Path):
            self.content.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Spool:
    """Takes bytes piece by piece, in memory at first and on disk when they are many.

    Args:
        limit_bytes: more are refused.
        field: the caller's name of the file, for the refusal.
    """

    def __init__(self, limit_bytes: int, *, field: str) -> None:
        self._file = tempfile.SpooledTemporaryFile(max_size=SPOOL_BYTES)  # noqa: SIM115 -- handed on by `source`
        self._limit_bytes = limit_bytes
        self._field = field
        self.size = 0

    def write(self, data: bytes) -> None:
        """Add bytes.

        Raises:
            LimitExceeded: if they are now too many.
        """
        self.size += len(data)
        if self.size > self._limit_bytes:
            raise LimitExceeded(self._field, self._limit_bytes, "bytes")
        self._file.write(data)

    def source(self, media_type: str | None = None, charset: str | None = None, name: str | None = None) -> Source:
        """Everything written, as a source that now owns it."""
        if self.size <= SPOOL_BYTES:
            self._file.seek(0)
            content = self._file.read()
            self._file.close()
            return Source(content, self.size, media_type, charset, name)
        self._file.flush()
        return Source(_plain_file(self._file), self.size, media_type, charset, name)

    def close(self) -> None:
        """Forget what was written; a source that was made of it lives on."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def is_data_url(text: str) -> bool:
    """Whether a URL is one that holds the file itself."""
    return text.lstrip()[:5].lower() == "data:"


def from_data_url(text: str, limit_bytes: int, *, field: str) -> Source:
    """Read a data URL: ``data:[type][;charset=…][;name=…];base64,…``.

    Missing padding, the URL-safe alphabet, white space and percent signs are forgiven; other faults are not.

    Args:
        text: the whole URL.
        limit_bytes: the most characters that the URL may have.
        field: the caller's name for it (``csv_url``).

    Raises:
        LimitExceeded: if the URL is longer.
        InvalidInput: if it is no data URL, not in base64, or its base64 is damaged.

    Source: RFC 2397; RFC 4648, 4 and 5.
    """
    if len(text) > limit_bytes:
        raise LimitExceeded(field, limit_bytes, "bytes")
    header, comma, body = _split(text)
    if not comma or not header.lower().startswith("data:"):
        raise InvalidInput.of(field, "data_url", "This is not a data URL; it begins with data:text/csv;base64, .")
    described, _, coding = header[5:].rpartition(";")
    if coding.strip().lower() != "base64":
        raise InvalidInput.of(field, "data_url", "The data URL must be in base64: data:text/csv;base64, and the data.")
    media_type, charset, name = describe(described)
    with Spool(limit_bytes, field=field) as spool:
        spool.write(_decoded(body, field))
        return spool.source(media_type, charset, name)


def describe(content_type: str, disposition: str = "") -> tuple[str | None, str | None, str | None]:
    """What headers say of a file: its media type, its charset and its name, each None if they do not say.

    Args:
        content_type: ``text/csv; charset=utf-8``. disposition: ``attachment; filename="people.csv"`` (RFC 6266).
    """
    message = Message()
    message["Content-Type"] = " ".join(content_type.split()) or "unknown"
    message["Content-Disposition"] = " ".join(disposition.split()) or "inline"
    given = content_type.partition(";")[0].strip().lower()
    charset = message.get_content_charset(failobj=None)
    name = message.get_filename(failobj=None)
    return given if _MEDIA_TYPE.fullmatch(given) else None, charset, bare_name(name) if name else None


def bare_name(name: str) -> str | None:
    """A file's name without folders and percent signs."""
    return re.split(r"[/\\]", unquote(name))[-1].strip() or None


def _split(text: str) -> tuple[str, str, str]:
    """Header, comma, body; without copying megabytes to find that there is no comma."""
    text = text.lstrip()
    at = text.find(",", 0, _HEADER_CHARACTERS)
    return (text[:at], ",", text[at + 1 :]) if at >= 0 else (text[:_HEADER_CHARACTERS], "", "")


def _decoded(body: str, field: str) -> bytes:
    try:
        if "%" in body:
            body = unquote_to_bytes(body).decode("ascii")
        body = _BLANKS.sub("", body).translate(_URL_SAFE).rstrip("=")
        return binascii.a2b_base64(body + "=" * (-len(body) % 4), strict_mode=True)
    except ValueError as error:  # binascii.Error and UnicodeError are both of it
        message = "The base64 of the data URL is damaged; perhaps a part of it is missing."
        raise InvalidInput.of(field, "base64", message) from error


def _plain_file(file: "tempfile.SpooledTemporaryFile[bytes]") -> BinaryIO:
    """A descriptor of its own on the temporary file, so that the spool may be dropped."""
    with file:
        return os.fdopen(os.dup(file.fileno()), "rb")
