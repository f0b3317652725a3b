"""Write the ugly files of ``tests/importing/files``: ``python tests/importing/make_files.py``.

They are made from here because an editor would mend them: it would put right the line ends, marks and encodings that
they are about. What must come of each stands beside it in ``NAME.expected.json``.
"""

from pathlib import Path

FILES: dict[str, bytes] = {
    # Excel on Windows, "CSV UTF-8": a mark, and CRLF.
    "excel-utf8.csv": (
        "\ufeffName,Email,Phone,Type,Groups\r\n"
        "Ada Okafor,Ada@Example.COM,(415) 555-0134,person,Night shift\r\n"
        "Night shift,,,GROUP,\r\n"
    ).encode(),
    # Excel on a German Windows, "CSV": semicolons, cp1252, a number that became a float.
    "excel-german.csv": (
        "Name;E-Mail;Email;Phone;Address\r\n"
        "Jürgen Größe;privat;juergen@example.de;4155550134,0;Königstraße 5, 70173 Stuttgart, Germany\r\n"
        "Zoë “Z” Müller;;zoe@example.de;4,15555E+09;\r\n"
    ).encode("cp1252"),
    # Line ends, delimiters and doubled quotation marks within quotes; blank lines of three kinds.
    "quoted.csv": (
        b"First Name,Last_Name , EMAIL,Address,address line2,metadata.Notes\n"
        b'Ada,Okafor,ada@example.com,"1 Main St\nSpringfield, IL 62701",Apt 4,"says ""hi"", often"\n'
        b"\n"
        b" , ,,,,\n"
        b'"Bob ""Bobby"" B.",,,,,"two\r\nlines"\n'
        b"   \n"
        b",,,,,left alone\n"
    ),
    # Too few cells, too many, a heading twice, a heading of nothing, one that nobody knows.
    "ragged.csv": (
        b"Name,Phone,Shoe size,,Phone,metadata.Key,metadata.key,metadata.\n"
        b"Ada\n"
        b"Bob,,44,x,+44 20 7946 0018,A,b,c,surplus,more\n"
        b"Cy,+1 650 555 0134,,,not a phone,,,\n"
        b",,44,,,,,\n"
    ),
    # A quotation mark left open, another that is only sloppy, a NUL, a lone CR.
    "broken.csv": (
        b"Name,Email,Phone\n"
        b'"Ada,ada@example.com,\n'
        b'"Bob" Smith,bob@example.com,\n'
        b"C\0y,cy@example.com,\n"
        b"Di\rane,diane@example,12\n"
        b'Ed,ed@example.com,"\n'
    ),
    # As old Macs wrote.
    "mac.txt": "Name\tPhone\rZoë\t+33 1 99 00 12 34\rRené\t12\r".encode("mac_roman"),
    # Excel's "Unicode text".
    "unicode.txt": "Name\tEmail\r\nИван Петров\tivan@example.com\r\n山田 太郎\tyamada@example.jp\r\n".encode("utf-16"),
    # Every fault of a row at once, in the order of the fields.
    "faults.csv": (
        b"metadata.a,Type,Address,Phone,Email,Name\n" + b"x" * 501 + b",robot,a\0b,12,thor@example,\n"
        b"x,Person,,,thor@example.com,Thor\n"
    ),
}


def main() -> None:
    """Write them all."""
    folder = Path(__file__).parent / "files"
    for name, data in FILES.items():
        (folder / name).write_bytes(data)


if __name__ == "__main__":
    main()
