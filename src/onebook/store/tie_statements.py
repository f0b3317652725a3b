"""Statements about those who wait for a group."""

from sqlalchemy import bindparam, select

from onebook.store.schema import import_ties
from onebook.store.statements import A, Expanding

TIED = Expanding(
    lambda values: select(import_ties.c.name, import_ties.c.contact).where(
        import_ties.c.account_id == A,
        import_ties.c.import_id == bindparam("import_id"),
        import_ties.c.name.in_(values),
    )
)
