"""Statements that take many contacts out of everything that names them."""

from typing import Any

from sqlalchemy import Column, delete

from onebook.store.schema import contacts, group_members, label_members
from onebook.store.statement import Expanding
from onebook.store.statements import A


def _out(column: Column[Any]) -> Expanding:
    """Delete of an account's rows in which the column has one of the values."""
    return Expanding(lambda values: delete(column.table).where(column.table.c.account_id == A, column.in_(values)))


#: Each for the numbers of contacts; the contacts themselves come last.
EVERYWHERE = tuple(
    map(_out, (group_members.c.contact, group_members.c.group, label_members.c.contact, contacts.c.number))
)
