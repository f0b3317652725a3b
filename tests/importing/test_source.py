"""Data URLs and the files they become."""

import base64
import contextlib
import gc
import os
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onebook.errors import InvalidInput, LimitExceeded
from onebook.importing.source import SPOOL_BYTES, Source, Spool, describe, from_data_url

CAP = 7_864_320


def data_url(data: bytes, head: str = "data:text/csv;base64,") -> str:
    return head + base64.b64encode(data).decode()


def bytes_of(source: Source) -> bytes:
    with source, source.open() as reader:
        return reader.read()


@given(st.binary(max_size=200))
def test_data_url_gives_back_its_bytes(data: bytes) -> None:
    assert bytes_of(from_data_url(data_url(data), CAP, field="csv_url")) == data


@given(st.binary(max_size=60))
def test_padding_alphabet_and_blanks_make_no_difference(data: bytes) -> None:
    body = base64.urlsafe_b64encode(data).decode().rstrip("=")
    spaced = "\r\n".join(body[at : at + 5] for at in range(0, len(body), 5))
    assert bytes_of(from_data_url(f"data:;base64, {spaced} ", CAP, field="csv_url")) == data


@given(st.text(max_size=80))
def test_any_text_is_a_file_or_invalid(text: str) -> None:
    for url in (text, "data:" + text, "data:text/csv;base64," + text):
        with contextlib.suppress(InvalidInput):
            from_data_url(url, CAP, field="csv_url").close()


@pytest.mark.parametrize(
    ("head", "media_type", "charset", "name"),
    [
        ("data:text/csv;base64,", "text/csv", None, None),
        ("DATA:Text/CSV;charset=Windows-1252;BASE64,", "text/csv", "windows-1252", None),
        ("data:;base64,", None, None, None),
        ("data:;charset=utf-8;base64,", None, "utf-8", None),
        ('data:application/vnd.ms-excel;name="people.xls";base64,', "application/vnd.ms-excel", None, "people.xls"),
        (" data:text/csv ; header=present ; base64,", "text/csv", None, None),
    ],
)
def test_header_is_read(head: str, media_type: str | None, charset: str | None, name: str | None) -> None:
    source = from_data_url(data_url(b"Name", head), CAP, field="csv_url")
    assert (source.media_type, source.charset, source.name) == (media_type, charset, name)


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("", "data_url"),
        ("data:", "data_url"),
        ("data:text/csv;base64", "data_url"),
        ("data:text/csv,Name", "data_url"),
        ("text/csv;base64,TmFtZQ==", "data_url"),
        ("data:" + "x" * 2000 + ";base64,TmFtZQ==", "data_url"),
        ("data:text/csv;base64,TmFtZQ==x", "base64"),
        ("data:text/csv;base64,TmF=tZQ=", "base64"),
        ("data:text/csv;base64,TmFtZ", "base64"),
        ("data:text/csv;base64,TmFt*Q==", "base64"),
        ("data:text/csv;base64,TmFtZé==", "base64"),
    ],
)
def test_damaged_data_url_is_an_issue(url: str, code: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        from_data_url(url, CAP, field="csv_url")
    assert [(issue.field, issue.code) for issue in caught.value.issues] == [("csv_url", code)]


def test_percent_signs_are_undone() -> None:
    source = from_data_url("data:text/csv;base64,TmFtZQ%3D%3D", CAP, field="csv_url")
    assert bytes_of(source) == b"Name"


def test_cap_is_the_last_length_that_passes() -> None:
    head = "data:text/csv;base64,"
    url = head + "QUFB" * ((CAP - len(head)) // 4)
    url += " " * (CAP - len(url))
    with from_data_url(url, CAP, field="csv_url") as source:
        assert source.size == (CAP - len(head)) // 4 * 3
    with pytest.raises(LimitExceeded) as caught:
        from_data_url(url + " ", CAP, field="csv_url")
    assert (caught.value.what, caught.value.limit, caught.value.unit) == ("csv_url", CAP, "bytes")


@pytest.mark.parametrize("size", [0, SPOOL_BYTES, SPOOL_BYTES + 1])
def test_source_gives_back_what_was_spooled(size: int) -> None:
    with Spool(1 << 30, field="file") as spool:
        spool.write(b"x" * size)
        source = spool.source()
    assert isinstance(source.content, bytes) == (size <= SPOOL_BYTES)
    assert bytes_of(source) == b"x" * size


def test_large_source_leaves_no_file_and_no_open_descriptor() -> None:
    gc.collect()
    before = len(list(Path("/proc/self/fd").iterdir()))
    with Spool(1 << 30, field="file") as spool:
        spool.write(b"x" * (SPOOL_BYTES + 1))
        with spool.source() as source, source.open() as reader:
            assert reader.read(1) == b"x"
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_spool_refuses_the_first_byte_too_many() -> None:
    with Spool(10, field="csv_url") as spool:
        spool.write(b"x" * 10)
        with pytest.raises(LimitExceeded):
            spool.write(b"x")


def test_readers_of_one_source_do_not_move_each_other() -> None:
    data = os.urandom(SPOOL_BYTES * 2)
    with Spool(1 << 30, field="file") as spool:
        spool.write(data)
        source = spool.source()
    found: list[bool] = []

    def read() -> None:
        with source.open() as reader:
            found.append(b"".join(iter(lambda: reader.read(10_000), b"")) == data)

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    source.close()
    assert found == [True] * 4


def test_reader_of_a_large_source_seeks_like_a_file() -> None:
    with Spool(1 << 30, field="file") as spool:
        spool.write(b"0123456789" * SPOOL_BYTES)
        source = spool.source()
    with source, source.open() as reader:
        assert (reader.seek(-3, os.SEEK_END), reader.read()) == (10 * SPOOL_BYTES - 3, b"789")
        reader.seek(12)
        assert (reader.seek(3, os.SEEK_CUR), reader.read(2)) == (15, b"56")
        with pytest.raises(OSError, match="before the beginning"):
            reader.seek(-1)


def test_file_of_a_path_stays(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_bytes(b"Name\n")
    source = Source.of_path(path)
    assert (source.name, source.size, bytes_of(source)) == ("people.csv", 5, b"Name\n")
    assert path.exists()


@pytest.mark.parametrize(
    ("content_type", "disposition", "expected"),
    [
        ("text/csv; charset=UTF-8", "", ("text/csv", "utf-8", None)),
        ("", "attachment; filename=people.csv", (None, None, "people.csv")),
        ("text/csv", 'attachment; filename="../../etc/pass wd"', ("text/csv", None, "pass wd")),
        ("text/csv", "attachment; filename*=UTF-8''caf%C3%A9.csv", ("text/csv", None, "café.csv")),
        ("nonsense", "nonsense", (None, None, None)),
        ("text/csv\r\nX: y", "attachment;\r\n filename=a.csv", (None, None, "a.csv")),
    ],
)
def test_headers_describe_the_file(
    content_type: str, disposition: str, expected: tuple[str | None, str | None, str | None]
) -> None:
    assert describe(content_type, disposition) == expected


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_headers_describe_something(content_type: str, disposition: str) -> None:
    assert len(describe(content_type, disposition)) == 3
