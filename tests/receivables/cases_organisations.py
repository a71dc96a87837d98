"""Random organisations: people with deputies in chains and circles, absences, categories; who leaves, and who owns what then."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from random import Random

from sqlalchemy import Connection, select, update

from einvoice.errors import ReceivablesError
from einvoice.receivables.cases import disputes, people
from einvoice.receivables.cases.categories import DAYS
from einvoice.receivables.cases.clocks import tick
from einvoice.receivables.store.tables import DISPUTES, PEOPLE
from tests.receivables.cases_books import POLICY, Here, at, dispute, here, person


def trial(connection: Connection, chance: Random) -> Counter[str]:
    """Disputes are opened in a random organisation while its people leave one by one; what happened, and what is a fault."""
    found = here(connection)
    staff = [found.person, *(_hire(connection, found, chance, number) for number in range(chance.randrange(5)))]
    for one in staff:
        deputy = chance.choice([None, *staff])
        connection.execute(update(PEOPLE).where(PEOPLE.c.id == one).values(deputy_id=None if deputy == one else deputy))
    if not chance.randrange(5):  # nobody is there
        connection.execute(update(PEOPLE).values(active=False))
    done: Counter[str] = Counter()
    for day in range(4):
        done.update(_open(connection, found, chance, day))
        done.update(_leave(connection, staff, chance, day))
        tick(connection, found.creditor, POLICY, at(day).day, at(day).now)
        done["fault: no active owner"] += _orphans(connection)
    return +done


def _hire(connection: Connection, found: Here, chance: Random, number: int) -> int:
    away = at(chance.randrange(-3, 4)).day if chance.randrange(2) else None
    until = away + timedelta(chance.randrange(4)) if away and chance.randrange(2) else None
    takes = chance.sample(sorted(DAYS), 2) if chance.randrange(2) else None
    active = bool(chance.randrange(4))
    return person(connection, found.creditor, f"p{number}", away_from=away, away_until=until, categories=takes, active=active)


def _open(connection: Connection, found: Here, chance: Random, day: int) -> list[str]:
    objection = disputes.Objection(chance.choice(found.invoices), chance.choice(sorted(DAYS)))
    there = people.active(connection, found.creditor)
    try:
        with connection.begin_nested():
            case = disputes.register(connection, objection, POLICY, at(day))
    except ReceivablesError:
        return ["fault: refused though somebody is active"] if there else ["refused"]
    owner = there[dispute(connection, case).owner_id]
    present = any(not people.is_away(one, at(day).day) for one in there.values())
    absent = people.is_away(owner, at(day).day) and present
    wanted = [one for one in there.values() if objection.category in (one.categories or ())]
    by_deputy = bool(wanted) and owner.id not in {one.id for one in wanted}
    return ["opened", *(["fault: owner is away though somebody is not"] if absent else []), *(["to a deputy"] if by_deputy else [])]


def _leave(connection: Connection, staff: list[int], chance: Random, day: int) -> list[str]:
    if not staff or chance.randrange(2):
        return []
    leaver = staff.pop(chance.randrange(len(staff)))
    try:
        with connection.begin_nested():
            moved = people.deactivate(connection, leaver, at(day))
    except ReceivablesError:
        return ["kept, as the last one"]
    return ["handed over"] * moved


def _orphans(connection: Connection) -> int:
    inactive = select(PEOPLE.c.id).where(PEOPLE.c.active.is_(False))
    lost = select(DISPUTES.c.id).where(DISPUTES.c.closed_on.is_(None), DISPUTES.c.owner_id.in_(inactive))
    return len(connection.scalars(lost).all())
