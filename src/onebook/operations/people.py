"""People who use the pages: invited by a one-time link, signed in by a password, bound to a role in each account."""

import secrets
from typing import Final, TypeVar

from msgspec import Struct, structs

from onebook.errors import Conflict, InvalidInput, Issue, NotAuthenticated, NotFound
from onebook.model import email as mails
from onebook.model.account import Account, Key
from onebook.model.person import (
    PERSON_PREFIX,
    ROLES,
    SCOPES_OF,
    Invitation,
    Membership,
    Person,
    Purpose,
    Role,
    SignIn,
)
from onebook.operations import accounts, passwords
from onebook.operations.actor import Actor
from onebook.operations.throttle import Throttle
from onebook.store.base import Session, Store
from onebook.store.people_base import People

DIALECT: Final = "pages"
SIGNED_IN_MILLISECONDS: Final = 30 * 86_400_000
INVITED_MILLISECONDS: Final = 24 * 3_600_000
# Judgement: a forgetful person tries a handful; an office behind one address has many of them.
TRIES_HERE: Final = 5
TRIES_ANYWHERE: Final = 50
TRIES_FROM_ADDRESS: Final = 100
NAME_CHARACTERS: Final = 200
BROWSER_CHARACTERS: Final = 200

T = TypeVar("T")


class Caller(Struct, frozen=True):
    """Who asks to come in. Args: ``address`` of the network; ``browser``: what it calls itself."""

    address: str
    browser: str


class Welcome(Struct, frozen=True):
    """Somebody has come in. Args: ``token`` is what the browser will hold; it is kept nowhere."""

    person: Person
    token: str
    account: int | None = None


class Wish(Struct, frozen=True):
    """What somebody says who comes by a one-time link. Args: ``account``: name of one to be made."""

    email: str = ""
    name: str = ""
    password: str = ""
    account: str = ""


class Member(Struct, frozen=True):
    """A person as the others of an account see them."""

    person: Person
    role: Role


def _hash_of(token: str) -> bytes:
    return accounts.hash_of(token)


# --- coming in and going out ---


def signed_in(store: Store, token: str) -> Person:
    """Who holds this token. Raises: NotAuthenticated for an unknown or expired one."""

    def look(people: People) -> Person:
        found = people.signed_in(_hash_of(token))
        if found is None or found[1].expires_at <= people.now:
            raise NotAuthenticated("wrong" if token else "missing")
        return found[0]

    return store.people(look)


def sign_in(store: Store, throttle: Throttle, email: str, password: str, caller: Caller) -> Welcome:
    """Come in by mail address and password; an unknown address takes as long as a wrong password.

    Raises: NotAuthenticated("wrong"); LimitExceeded("attempts") after too many of those.
    """
    key = mails.key_of(email.strip())
    here, anywhere, address = f"{key}\n{caller.address}", f"{key}\n", f"\n{caller.address}"
    throttle.must_be_free({here: TRIES_HERE, anywhere: TRIES_ANYWHERE, address: TRIES_FROM_ADDRESS})
    person = store.people(lambda people: people.by_email(key))
    if not passwords.fits(person.password if person else None, password) or person is None:
        throttle.fail(here, anywhere, address)
        raise NotAuthenticated("wrong")
    throttle.forgive(here)
    return store.change_people(lambda people: _welcome(people, person, caller))


def _welcome(people: People, person: Person, caller: Caller, account: int | None = None) -> Welcome:
    token = secrets.token_urlsafe(32)
    browser = caller.browser[:BROWSER_CHARACTERS]
    people.forget(people.now)
    people.add_sign_in(_hash_of(token), SignIn(person.id, browser, people.now, people.now + SIGNED_IN_MILLISECONDS))
    return Welcome(person, token, account)


def sign_out(store: Store, token: str) -> None:
    """Leave in this browser."""
    store.change_people(lambda people: people.remove_sign_in(_hash_of(token)))


def sign_ins(store: Store, person: Person, token: str) -> list[tuple[SignIn, bool]]:
    """Where a person is signed in, oldest first, and whether it is here."""
    here = _hash_of(token)
    found = store.people(lambda people: people.sign_ins_of(person.id))
    return [(sign_in, token_hash == here) for token_hash, sign_in in found]


def sign_out_everywhere(store: Store, person: Person) -> None:
    """Leave in every browser, this one too."""
    store.change_people(lambda people: _sign_out(people, person.id))


def _sign_out(people: People, person: str, *, but: bytes = b"") -> None:
    for token_hash, _ in people.sign_ins_of(person):
        if token_hash != but:
            people.remove_sign_in(token_hash)


# --- what a person may do ---


def accounts_of(store: Store, person: Person) -> list[tuple[Account, Role]]:
    """The accounts that a person belongs to, and as what."""
    return store.people(lambda people: people.accounts_of(person.id))


def actor_in(account: Account, person: Person, role: Role) -> Actor:
    """A person as one who acts: with the scope of the role, and by name in the log."""
    key = Key(person.id, SCOPES_OF[role], None, enabled=True, expires_at=None, created_at=person.created_at)
    return Actor(account, key, DIALECT)


def members(store: Store, actor: Actor) -> list[Member]:
    """Everybody who belongs to the account, by name."""
    there = store.read(actor.account, lambda session: session.all(Membership))

    def look(people: People) -> list[Member]:
        found = ((people.by_id(one.person), one.role) for one in there)
        return [Member(person, role) for person, role in found if person is not None]

    return sorted(store.people(look), key=lambda member: (member.person.name.casefold(), member.person.email_key))


def set_role(session: Session, actor: Actor, person: str, role: str) -> None:
    """Give a member another role.

    Raises: NotPermitted but for owners; InvalidInput for an unknown role; NotFound; Conflict for the last owner.
    """
    actor.must_be_allowed("admin")
    before = _membership(session, person)
    if role not in ROLES:
        raise InvalidInput.of("role", "unknown", f"The role is one of {', '.join(ROLES)}.")
    if role != "owner":
        _must_not_be_last(session, before)
    session.change(Membership, {"person": person}, role=role)
    session.log("person", "updated", 0, before=before)


def remove(session: Session, actor: Actor, person: str) -> None:
    """Take a member out of the account. Raises: as `set_role`."""
    actor.must_be_allowed("admin")
    before = _membership(session, person)
    _must_not_be_last(session, before)
    session.remove(Membership, person=person)
    session.log("person", "deleted", 0, before=before)


def _membership(session: Session, person: str) -> Membership:
    found = session.get(Membership, person=person)
    if found is None:
        raise NotFound("person", person)
    return found


def _must_not_be_last(session: Session, member: Membership) -> None:
    owners = [one for one in session.all(Membership) if one.role == "owner"]
    if owners == [member]:
        raise Conflict("person", member.person, message="An account needs an owner: make somebody else one first.")


# --- one-time links ---


def first_link(store: Store) -> str | None:
    """The secret of a link for the first person of the installation; None once there is somebody.

    Without an account the link founds one; else it makes an owner of the first. Earlier links for it go.
    """

    def make(people: People) -> str | None:
        if people.count():
            return None
        account = 0
        if people.has_accounts():
            account = min(one.id for one in store.accounts())
        for token_hash, one in people.invitations_to(account):
            if one.role == "owner" and one.email is None:
                people.remove_invitation(token_hash)
        return _invitation(people, "join" if account else "found", account, "owner")

    return store.change_people(make)


def link(store: Store, account: Account, role: str, email: str | None = None) -> str:
    """The secret of a new link into an account, made by whoever runs the installation.

    Args: ``email``: who alone may use it; for somebody who is a member already it sets the password anew.

    Raises: InvalidInput for an unknown role.
    """
    if role not in ROLES:
        raise InvalidInput.of("role", "unknown", f"The role is one of {', '.join(ROLES)}.")
    chosen = next(known for known in ROLES if known == role)

    def make(people: People) -> str:
        person = people.by_email(mails.key_of(email.strip())) if email else None
        if person is not None and any(one.id == account.id for one, _ in people.accounts_of(person.id)):
            return _invitation(people, "reset", account.id, chosen, email=email, person=person.id)
        return _invitation(people, "join", account.id, chosen, email=email)

    return store.change_people(make)


def invite(store: Store, actor: Actor, role: Role, email: str | None) -> str:
    """The secret of a link by which somebody joins the account.

    Raises: NotPermitted but for owners; InvalidInput for what is no mail address.
    """
    actor.must_be_allowed("admin")
    if email and mails.normalize(email) is None:
        raise InvalidInput.of("email", "not_an_email", "This is not a mail address that can be written to.")
    return store.change_people(lambda people: _invitation(people, "join", actor.account.id, role, email=email))


def _invitation(
    people: People, purpose: Purpose, account: int, role: Role, *, email: str | None = None, person: str | None = None
) -> str:
    token = secrets.token_urlsafe(32)
    made = Invitation(purpose, account, role, email, person, people.now, people.now + INVITED_MILLISECONDS)
    people.add_invitation(_hash_of(token), made)
    return token


def invitation(store: Store, token: str) -> Invitation:
    """What a one-time link is for. Raises: NotFound("link") for one that was used, expired or never was."""
    return store.people(lambda people: _valid(people, token))


def _valid(people: People, token: str) -> Invitation:
    found = people.invitation(_hash_of(token))
    if found is None or found.expires_at <= people.now:
        raise NotFound("link", "")
    return found


def accept(store: Store, token: str, wish: Wish, caller: Caller, *, person: Person | None = None) -> Welcome:
    """Use a one-time link up: make the person, the account or the password that it is for.

    Args: ``person``: who is signed in already, and then joins as who they are.

    Raises: NotFound("link"); InvalidInput for what was said; the link can then be used again.
    """
    given = invitation(store, token)
    secret = _checked(given, wish, known=person is not None)

    def use(people: People) -> Welcome:
        there = _valid(people, token)
        people.remove_invitation(_hash_of(token))
        someone = person or _someone(people, there, wish, secret)
        account = _account(store, people, there, wish)
        if there.purpose != "reset" and account is not None:
            _join(people, account, someone, there.role)
        return _welcome(people, someone, caller, account.id if account else None)

    return store.change_people(use)


def _checked(given: Invitation, wish: Wish, *, known: bool) -> str:
    """What was said, or all that is wrong with it; gives the hash of the password."""
    issues: list[Issue] = []
    if given.purpose == "found" and not wish.account.strip():
        issues.append(Issue("account", "required", "An account needs a name."))
    if not known:
        address = given.email or wish.email
        if mails.normalize(address.strip()) is None:
            issues.append(Issue("email", "not_an_email", "This is not a mail address that can be written to."))
        if len(wish.name) > NAME_CHARACTERS:
            issues.append(Issue("name", "too_long", f"A name has at most {NAME_CHARACTERS} characters."))
        issues += passwords.faults(wish.password, address)
    if issues:
        raise InvalidInput(issues)
    return "" if known else passwords.hashed(wish.password)


def _someone(people: People, given: Invitation, wish: Wish, secret: str) -> Person:
    """The person that the link is for, with the new password; a new one if it is not about one.

    Raises: InvalidInput if the address is somebody's: a link must not open what another's password does.
    """
    if given.purpose == "reset":
        before = people.by_id(given.person or "")
        if before is None:
            raise NotFound("link", "")
        changed = structs.replace(before, password=secret, updated_at=people.now)
        people.change(changed)
        _sign_out(people, before.id)
        return changed
    address = (given.email or wish.email).strip()
    person_id = PERSON_PREFIX + secrets.token_hex(12)
    key = mails.key_of(address)
    if people.by_email(key) is not None:
        sentence = "There is somebody with this address already: sign in first, then open the link again."
        raise InvalidInput.of("email", "taken", sentence)
    made = Person(person_id, address, key, wish.name.strip() or address, secret, "", people.now, people.now)
    people.add(made)
    return made


def _account(store: Store, people: People, given: Invitation, wish: Wish) -> Account | None:
    if given.purpose != "found":
        return next((one for one in store.accounts() if one.id == given.account), None)
    name = wish.account.strip()
    try:
        made = people.new_account(name, name)
    except Conflict:
        raise InvalidInput.of("account", "taken", "There is an account of this name already.") from None
    accounts.furnish(people.session(made, "", "command"))
    return made


def _join(people: People, account: Account, person: Person, role: Role) -> None:
    session = people.session(account, person.id, DIALECT)
    there = session.get(Membership, person=person.id)
    if there is None:
        session.add(Membership(person.id, role, people.now))
    elif ROLES.index(there.role) < ROLES.index(role):
        session.change(Membership, {"person": person.id}, role=role)
    else:
        return
    session.log("person", "created" if there is None else "updated", 0, before=there)


# --- what a person says of themselves ---


def rename(store: Store, person: Person, name: str) -> Person:
    """Raises: InvalidInput for a blank or overlong name."""
    if not name.strip() or len(name) > NAME_CHARACTERS:
        raise InvalidInput.of("name", "required", f"A name has 1 to {NAME_CHARACTERS} characters.")
    return _changed(store, person, name=name.strip())


def set_language(store: Store, person: Person, language: str) -> Person:
    """Choose the language of the pages; empty for what the browser asks for."""
    return _changed(store, person, language=language)


def set_password(store: Store, person: Person, current: str, password: str, token: str) -> Person:
    """Change the password, and leave in every other browser.

    Raises: InvalidInput if the current one is wrong or the new one will not do.
    """
    issues = (
        [] if passwords.fits(person.password, current) else [Issue("current", "wrong", "This is not your password.")]
    )
    issues += passwords.faults(password, person.email)
    if issues:
        raise InvalidInput(issues)
    changed = _changed(store, person, password=passwords.hashed(password))
    store.change_people(lambda people: _sign_out(people, person.id, but=_hash_of(token)))
    return changed


def _changed(store: Store, person: Person, **values: str) -> Person:
    def change(people: People) -> Person:
        before = people.by_id(person.id)
        if before is None:
            raise NotFound("person", person.id)
        after = structs.replace(before, **values, updated_at=people.now)
        people.change(after)
        return after

    return store.change_people(change)
