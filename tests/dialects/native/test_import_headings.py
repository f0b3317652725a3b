"""What becomes of columns whose headings say little, nothing, or something of somebody else."""

from typing import Any

import pytest

from tests.dialects.native.test_imports import post, rested
from tests.harness import Account


def imported(account: Account, text: str, **params: str) -> list[dict[str, Any]]:
    """The contacts of a file, all rows of which are taken."""
    answer = post(account, text.encode(), **params)
    assert answer.status_code == 202, answer.text
    done = rested(account, answer.json()["uid"])
    assert (done["state"], done["refused"]) == ("done", 0), done
    return list(account.native.get("/contacts").json()["contacts"])


@pytest.mark.parametrize(
    ("text", "custom"),
    [
        ("Name,Email,Owner Email\nAda,a@x.org,rep@x.org\n", {"Owner Email": "rep@x.org"}),
        ("Name,Email,Twitter\nAda,a@x.org,@ada\n", {"Twitter": "@ada"}),
        ("Name,Email,E-mail Display Name\nAda,a@x.org,Ada (a@x.org)\n", {"E-mail Display Name": "Ada (a@x.org)"}),
        ("Name,Email,,\nAda,a@x.org,VIP,owes 200\n", {"C": "VIP", "D": "owes 200"}),
        ("Name,Email,Interest,Interest\nAda,a@x.org,tea,nuts\n", {"Interest": "tea", "Interest 2": "nuts"}),
        ("Name,Email,Number\nAda,a@x.org,12\n", {"Number": "12"}),
        ("Name,Email,PLZ/Ort\nAda,a@x.org,10115 Berlin\n", {"PLZ/Ort": "10115 Berlin"}),
        ("Name,Email,Dial code\nAda,a@x.org,+44\n", {"Dial code": "+44"}),
    ],
)
def test_what_is_no_ones_number_or_address_is_kept_aside(account: Account, text: str, custom: dict[str, str]) -> None:
    for _ in ("recognised", "remembered"):
        [ada] = imported(account, text, match="email")
        assert ([one["address"] for one in ada["emails"]], ada["phones"]) == (["a@x.org"], [])
        assert (ada["name"]["full"], ada["custom"]) == ("Ada", custom)


def test_tags_in_quotation_marks_are_taken_out_of_them(account: Account) -> None:
    [ada] = imported(account, 'Name,TAGS\nAda,"""VIP"",""News, letters"""\n')
    assert sorted(ada["tags"]) == ["News, letters", "VIP"]


def test_a_heading_of_both_names_is_of_the_whole_name(account: Account) -> None:
    [ada] = imported(account, '"Last Name, First Name",Phone (Mobile)\nByron Ada,+442079460018\n')
    assert (ada["name"]["full"], ada["phones"][0]["type"]) == ("Byron Ada", "mobile")
