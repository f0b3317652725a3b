"""What PostgreSQL's COPY is given, and that it reads from it what was meant."""

from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from onebook.errors import InvalidInput
from onebook.store.copying import copied
from onebook.store.schema import answers, contact_phones
from tests.store.engines import ENGINES, POSTGRES, postgres_url

ODD = ["", "\\", "\\N", "\\.", "a\tb", "a\nb", "a\r\nb", "\\t", "'\"", "ñ 北京 \U0001f600", "\x01\x7f", " ", "NULL"]


@pytest.mark.postgres
@pytest.mark.skipif(POSTGRES not in ENGINES, reason="ONEBOOK_TEST_ENGINES leaves PostgreSQL out")
def test_copy_reads_what_was_meant(tmp_path: Path) -> None:
    numbers = [3 - number for number in range(len(ODD))]
    flags = [number % 2 == 0 for number in numbers]
    octets = [text.encode() + bytes(range(256)) for text in ODD]
    types = "same TEXT, none BIGINT, key TEXT, contact BIGINT, is_primary BOOLEAN, body BYTEA"
    POSTGRES.create(tmp_path)
    with closing(psycopg.connect(postgres_url(tmp_path))) as connection, connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMP TABLE read ({types}) ON COMMIT DROP".encode())
        text = copied(contact_phones, {"key": [*ODD, None], "contact": [*numbers, None]}, {"account_id": None})
        with cursor.copy("COPY read (none, key, contact) FROM STDIN") as copy:
            copy.write(text)
        text = copied(contact_phones, {"is_primary": flags}, {"key": ODD[1]})
        with cursor.copy("COPY read (same, is_primary) FROM STDIN") as copy:
            copy.write(text)
        with cursor.copy("COPY read (body) FROM STDIN") as copy:
            copy.write(copied(answers, {"body": octets}, {}))
        found = cursor.execute("SELECT * FROM read").fetchall()
    POSTGRES.drop(tmp_path)
    count = len(ODD)
    assert found[: count + 1] == [
        (None, None, key, at, None, None) for key, at in zip([*ODD, None], [*numbers, None], strict=True)
    ]
    assert [(row[0], row[4]) for row in found[count + 1 : -count]] == [(ODD[1], flag) for flag in flags]
    assert [row[5] for row in found[-count:]] == octets


def test_no_rows_are_no_text() -> None:
    assert copied(contact_phones, {"key": []}, {"account_id": 1}) == b""


def test_what_cannot_be_stored_is_refused() -> None:
    with pytest.raises(InvalidInput):
        copied(contact_phones, {"key": ["fine", "a\0b"]}, {})
    with pytest.raises(UnicodeEncodeError):
        copied(contact_phones, {"key": ["fine", "\ud800"]}, {})
