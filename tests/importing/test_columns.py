"""The columns of a table: what stands in one cell of several names."""

import pytest

from onebook.importing.columns import names_in


@pytest.mark.parametrize(
    ("cell", "names"),
    [
        ('"VIP","News, letters"', ("VIP", "News, letters")),
        ('"Kunde A"', ("Kunde A",)),
        ('"the ""old"" ones" ; "VIP"', ('the "old" ones', "VIP")),
        ('5" pipes, 6" pipes', ('5" pipes', '6" pipes')),
        ('"old" ones, VIP', ('"old" ones', "VIP")),
        ("* myContacts ::: a, b", ("myContacts", "a, b")),
        ('""', ()),
        ("", ()),
    ],
)
def test_names_in_a_cell_are_told_apart(cell: str, names: tuple[str, ...]) -> None:
    assert names_in(cell) == names
