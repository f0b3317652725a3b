"""Which encoding a file is taken to be in."""

import codecs

import pytest

from onebook.errors import InvalidInput
from onebook.importing.encoding import MIXED, Encoding, encoding_of
from onebook.importing.source import Source

FRENCH = "Nom;Adresse\nHélène Lefèvre;12 rue de l’Évêché\nFrançois Gérard;3 allée des Châtaigniers\n"
GERMAN = "Name;Straße\nJürgen Müller;Königstraße 5\nBärbel Größe;Öhringer Weg 7\n"
SPANISH = "Nombre;Dirección\nJosé Núñez;Calle de Alcalá, nº 3\nMaría Peña;Plaza España 4\n"
DANISH = "Navn;Adresse\nSøren Ågård;Nørregade 5\nÆgir Bæk;Strædet 2\n"
POLISH = "Imię;Ulica\nŁukasz Wiśniewski;Świętokrzyska 5\nMałgorzata Dąbrowska;Żółta 7\n"
CZECH = "Jméno;Ulice\nJiří Dvořák;Náměstí Míru 3\nŽofie Šťastná;Příkopy 4\nTomáš Růžička;Údolní 2\n"
HUNGARIAN = "Név;Cím\nGyőző Tóth;Fő utca 3\nÁrpád Szűcs;Petőfi út 5\n"
TURKISH = "Ad;Adres\nIşık Yılmaz;Çağlayan Şişli\nGülşen Öztürk;İstanbul\n"
LATVIAN = "Vārds;Adrese\nJānis Bērziņš;Brīvības iela 5\nŅina Ķeniņa;Čaka iela 2\n"
RUSSIAN = "Имя;Адрес\nИван Петров;улица Ленина 5\nМария Смирнова;Тверская 7\n"
GREEK = "Όνομα;Διεύθυνση\nΓιώργος Παπαδόπουλος;Ερμού 5\nΜαρία;Αθήνα\n"
JAPANESE = "名前;住所\n山田太郎;東京都千代田区\n鈴木花子;大阪市北区\n"
CHINESE = "姓名;地址\n张伟;北京市朝阳区\n王芳;上海市浦东新区\n"

WRITTEN = {
    "French, cp1252": (FRENCH, "cp1252"),
    "German, cp1252": (GERMAN, "cp1252"),
    "Spanish, cp1252": (SPANISH, "cp1252"),
    "Danish, cp1252": (DANISH, "cp1252"),
    "four languages, cp1252": (FRENCH + GERMAN + SPANISH + DANISH, "cp1252"),
    "one name, cp1252": ("Name,Email\nJosé Smith,jose@example.com\nBob,bob@example.com\n", "cp1252"),
    "euro sign, cp1252": ("Name,Note\nBob,costs 5 €\n", "cp1252"),
    "Polish, cp1250": (POLISH, "cp1250"),
    "Polish, iso8859_2": (POLISH, "iso8859_2"),
    "Czech, cp1250": (CZECH, "cp1250"),
    "Hungarian, cp1250": (HUNGARIAN, "cp1250"),
    "Turkish, cp1254": (TURKISH, "cp1254"),
    "Latvian, cp1257": (LATVIAN, "cp1257"),
    "German, mac_roman": (GERMAN, "mac_roman"),
    "French, mac_roman": (FRENCH, "mac_roman"),
    "French, cp850": (FRENCH.replace("’", "'"), "cp850"),
    "Russian, cp1251": (RUSSIAN, "cp1251"),
    "Russian, koi8_r": (RUSSIAN, "koi8_r"),
    "Greek, cp1253": (GREEK, "cp1253"),
    "Japanese, shift_jis": (JAPANESE, "shift_jis"),
    "Chinese, gb18030": (CHINESE, "gb18030"),
}


def of(data: bytes, named: str | None = None, charset: str | None = None) -> Encoding:
    return encoding_of(Source(data, len(data), charset=charset), named, field="csv_url")


@pytest.mark.parametrize("times", [1, 500])
@pytest.mark.parametrize(("text", "encoding"), WRITTEN.values(), ids=WRITTEN)
def test_text_is_read_as_it_was_written(text: str, encoding: str, times: int) -> None:
    data = (text * times).encode(encoding)
    assert data.decode(of(data).name) == text * times


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize(
    "text", [FRENCH, "Name,Email,Phone\n" + RUSSIAN, "Name\nBob\n"], ids=["French", "Russian", "plain"]
)
def test_unicode_is_certain(text: str, encoding: str) -> None:
    data = text.encode(encoding)
    found = of(data)
    assert data.decode(found.name) == text
    assert found.errors == "strict"


@pytest.mark.parametrize("mark", [codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE])
def test_mark_counts_more_than_what_the_sender_named(mark: bytes) -> None:
    assert of(mark + b"\0N\0a", charset="cp1252").name.startswith("utf-")


def test_first_accent_behind_a_megabyte_is_seen() -> None:
    data = b"Name,Email\n" + b"Bob,bob@example.com\n" * 120_000 + "Jürgen,\n".encode("cp1252")
    assert of(data) == Encoding("cp1252", "replace")


def test_accent_cut_by_a_block_is_still_utf8() -> None:
    for shift in range(3):
        assert of(b"x" * ((1 << 20) - shift) + "€".encode()) == Encoding("utf-8")


def test_half_a_character_at_the_end_is_not_utf8() -> None:
    assert of(b"Name\nJos\xc3").errors == "replace"


def test_one_broken_byte_does_not_undo_utf8() -> None:
    assert of(FRENCH.encode() * 10 + b"Jos\xe9\n") == Encoding("utf-8", MIXED)


@pytest.mark.parametrize("lines", [1, 3, 50])
def test_a_line_that_another_program_added_is_read_as_it_was_written(lines: int) -> None:
    data = "Jürgen Größe\n".encode() * lines + "Zoë “Z” Müller\n".encode("cp1252")
    found = of(b"Name\n" + data)
    assert data.decode(found.name, found.errors) == "Jürgen Größe\n" * lines + "Zoë “Z” Müller\n"


def test_sender_is_believed_when_it_is_no_utf8() -> None:
    data = POLISH.encode("iso8859_2")
    assert of(data, charset="ISO-8859-2").name == "iso8859-2"
    assert of(FRENCH.encode(), charset="windows-1252") == Encoding("utf-8")
    assert of(RUSSIAN.encode("cp1251"), charset="iso-8859-1").name == "cp1251"


def test_caller_is_obeyed() -> None:
    assert of(FRENCH.encode(), named="Windows-1252") == Encoding("cp1252")


@pytest.mark.parametrize(
    "named", ["", "klingon", "base64", "zlib", "rot13", "idna", "punycode", "utf-7", "a\0b", "é" * 99]
)
def test_encoding_that_no_file_is_in_is_an_issue(named: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        of(b"Name", named=named)
    assert [(issue.field, issue.code) for issue in caught.value.issues] == [("csv_url", "encoding")]
    assert of(b"Name", charset=named) == Encoding("utf-8")
