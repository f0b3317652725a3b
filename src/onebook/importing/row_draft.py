"""What became of a row: a draft of a contact, or all the reasons why there is none."""

from msgspec import Struct

from onebook.errors import Issue
from onebook.model.contact import ContactDraft
from onebook.model.exported import Standing
from onebook.model.opt_out import Channel


class RowDraft(Struct, frozen=True):
    """What became of a row.

    Args:
        index, row: as in `Row`.
        draft: the contact; None exactly if there are issues.
        groups: the cell that names groups, trimmed, otherwise as it stands.
        issues: all that is wrong, at most one a field, in the order name, email, phone, address, type, metadata;
            or a single one of the field ``row``, if it could not even be split into cells.
        named_groups: the groups that the contact is in, where the file says their names one by one.
        tags, lists: names.
        members: of a group: uids, such as ``urn:uuid:…``, or mail addresses, ``mailto:…``.
        places: where the contact stands in such groups, if onebook wrote the file.
        opt_outs: what the person has opted out of.
        cells: of a row with issues, as they stand; of a vCard or a line of JSON its text.
    """

    index: int
    row: int
    draft: ContactDraft | None
    groups: str
    issues: tuple[Issue, ...] = ()
    named_groups: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()
    cells: tuple[str, ...] = ()
    opt_outs: tuple[Channel, ...] = ()
    members: tuple[str, ...] = ()
    places: tuple[Standing, ...] = ()
