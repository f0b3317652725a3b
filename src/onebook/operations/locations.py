"""Locations: addresses with a name; and finding an address by its id, wherever it stands."""

from msgspec import structs

from onebook.errors import InvalidInput, NotFound, NotPermitted
from onebook.model import address as addresses
from onebook.model.contact import Address
from onebook.model.place import Location
from onebook.operations.actor import Actor
from onebook.store.base import Condition, Session


def create(session: Session, actor: Actor, name: str, address: Address) -> Location:
    """Raises: InvalidInput for a blank name."""
    actor.must_be_allowed("write")
    if not name.strip():
        raise InvalidInput.of("name", "required", "A location needs a name.")
    made = Location(
        number=session.next_serial(),
        uid=session.new_uid(),
        name=name,
        address=address,
        address_id=addresses.address_id(address),
        building=addresses.building_hash(address),
        created_at=session.now,
    )
    session.add(made)
    session.log("location", "created", made.number)
    return made


def get(session: Session, uid: str) -> Location:
    """Raises: NotFound("location")."""
    found = session.get(Location, uid=uid)
    if found is None:
        raise NotFound("location", uid)
    return found


def all_(session: Session) -> list[Location]:
    """Every location of the account, in the order of creation."""
    return session.all(Location)


def delete(session: Session, actor: Actor, uid: str) -> None:
    """Remove it; its contacts leave it, but keep the address that they got from it.

    Raises: NotFound; NotPermitted if contacts of a book not seen are there.
    """
    gone = get(session, uid)
    tied = (Condition("location", "eq", uid),)
    if actor.sees and session.contacts.count(tied) > session.contacts.count((*actor.sees, *tied)):
        raise NotPermitted("change this, as contacts of another address book belong to it")
    while page := session.contacts.page(tied, limit=500):
        for contact in page:
            left = tuple(place for place in contact.card.locations if place != uid)
            session.contacts.update(
                contact, structs.replace(contact, card=structs.replace(contact.card, locations=left))
            )
    session.remove(Location, number=gone.number)
    session.log("location", "deleted", gone.number, before=gone)


def address_known_as(session: Session, actor: Actor, address_id: str) -> Address | None:
    """The address that bears this id, at any contact that the key sees or any location; None if none does."""
    location = session.get(Location, address_id=address_id)
    if location is not None:
        return location.address
    for contact in session.contacts.page((*actor.sees, Condition("address", "eq", address_id)), limit=1):
        for address in contact.card.addresses:
            if addresses.address_id(address) == address_id:
                return address
    return None
