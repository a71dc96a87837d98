"""Who owns a case: an active person always, with a deputy who acts while the owner is away."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, func, select, update

from einvoice.errors import ReceivablesError
from einvoice.receivables.cases.case import At, fetch, record
from einvoice.receivables.cases.machine import DISPUTE
from einvoice.receivables.store.tables import DISPUTES, PEOPLE, TASKS

People = Mapping[int, Row[Any]]


def active(connection: Connection, creditor: int) -> People:
    """The active people of a creditor, by id."""
    found = connection.execute(select(PEOPLE).where(PEOPLE.c.creditor_id == creditor, PEOPLE.c.active).order_by(PEOPLE.c.id))
    return {row.id: row for row in found}


def is_away(person: Row[Any], day: date) -> bool:
    """Whether a person is away on a day; both ends of the absence count."""
    return person.away_from is not None and person.away_from <= day and (person.away_until is None or day <= person.away_until)


def owner_for(people: People, category: str, day: date) -> int:
    """Who gets a case of a category: who takes the category, else who takes any, else anybody; the deputy where that one is away.

    Raises ReceivablesError where nobody is active.
    """
    if not people:
        raise ReceivablesError("nobody is active who could own this case; add a person, or set one active: einvoice receivables people")
    first = _first(people, category)
    if is_away(first, day):
        return deputy_of(people, first, day) or int(first.id)
    return int(first.id)


def deputy_of(people: People, person: Row[Any], day: date) -> int | None:
    """Who acts for a person: the first of the chain of deputies who is there, else anybody who is, else anybody else active; or None."""
    others = [*_chain(people, person), *(one for one in people.values() if one.id != person.id)]
    there = [one for one in others if not is_away(one, day)]
    return next((int(one.id) for one in (*there, *others)), None)


def acting(people: People, owner: int, day: date) -> int:
    """Who acts on a case on a day: its owner, or the deputy while the owner is away."""
    person = people.get(owner)
    if person is not None and not is_away(person, day):
        return owner
    return (deputy_of(people, person, day) if person is not None else next(iter(people), None)) or owner


def deactivate(connection: Connection, person: int, at: At) -> int:
    """Sets a person inactive and gives its open cases and tasks to others; how many disputes moved.

    Raises ReceivablesError where there is no such person, or it has open cases and nobody else is active; then nothing changed.
    """
    row = connection.execute(select(PEOPLE).where(PEOPLE.c.id == person)).one_or_none()
    if row is None:
        raise ReceivablesError(f"there is no person {person}; list them: einvoice receivables people")
    owns = connection.scalar(select(func.count()).where(DISPUTES.c.owner_id == person, DISPUTES.c.closed_on.is_(None)))
    if owns and not set(active(connection, row.creditor_id)) - {person}:
        raise ReceivablesError(f"{row.key} owns {owns} open disputes and nobody else is active; add a person first")
    connection.execute(update(PEOPLE).where(PEOPLE.c.id == person).values(active=False))
    return len(reassign(connection, row.creditor_id, at))


def reassign(connection: Connection, creditor: int, at: At) -> Sequence[int]:
    """Gives the open disputes and tasks of whoever is no longer active to somebody who is; the ids of the disputes.

    Raises ReceivablesError where there are such disputes and nobody is active.
    """
    moved = orphans(connection, creditor)
    for dispute in moved:
        adopt(connection, dispute, at)
    adopt_tasks(connection, creditor, at)
    return moved


def orphans(connection: Connection, creditor: int) -> Sequence[int]:
    """The open disputes of a creditor whose owner is not active."""
    is_orphan = DISPUTES.c.owner_id.not_in(select(PEOPLE.c.id).where(PEOPLE.c.creditor_id == creditor, PEOPLE.c.active))
    found = select(DISPUTES.c.id).where(DISPUTES.c.creditor_id == creditor, DISPUTES.c.closed_on.is_(None), is_orphan)
    return connection.scalars(found.order_by(DISPUTES.c.id)).all()


def adopt(connection: Connection, dispute: int, at: At) -> None:
    """Gives a dispute to an active person. Raises ReceivablesError where nobody is."""
    row = fetch(connection, DISPUTE, dispute)
    owner = owner_for(active(connection, row.creditor_id), row.category, at.day)
    connection.execute(update(DISPUTES).where(DISPUTES.c.id == dispute).values(owner_id=owner))
    record(connection, DISPUTE.kind, dispute, row.state, row.state, at, f"owner {row.owner_id} is not active; now {owner}")


def adopt_tasks(connection: Connection, creditor: int, at: At) -> int:
    """Gives the open tasks of people who are not active to somebody who is, or to anybody where nobody is; how many."""
    people = active(connection, creditor)
    heir = owner_for(people, "other", at.day) if people else None
    left = (TASKS.c.creditor_id == creditor, TASKS.c.done_on.is_(None), TASKS.c.owner_id.is_not(None), TASKS.c.owner_id.not_in(people))
    return connection.execute(update(TASKS).where(*left).values(owner_id=heir)).rowcount


def _first(people: People, category: str) -> Row[Any]:
    """The person whose categories name it, else the first without categories, else the first."""
    named = [one for one in people.values() if category in (one.categories or ())]
    any_of = [one for one in people.values() if not one.categories]
    return (named or any_of or list(people.values()))[0]


def _chain(people: People, person: Row[Any]) -> Iterable[Row[Any]]:
    """The active deputies of a person, one after the other; a circle ends."""
    seen = {person.id}
    following = person.deputy_id
    while following is not None and following not in seen:
        seen.add(following)
        if following not in people:
            return
        yield people[following]
        following = people[following].deputy_id
