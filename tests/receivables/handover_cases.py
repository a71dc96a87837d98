"""Random correspondence: debtors, steps by mail and letter, fates of messages; and what of it a dossier lacks."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import select, update

from einvoice.database import connect
from einvoice.outbox.tables import OUTBOX
from einvoice.receivables.handover import dossier
from einvoice.receivables.store.tables import CONTACTS, INVOICES, MESSAGES, TAKEN
from tests.receivables.handover_world import ADDRESS, handing, unzipped
from tests.receivables.run_world import MORNING, World
from tests.smtp import Mailbox

RULES = """
version: 1
name: much
limits: {min_contacts_before_collection: 3}
segments: [{id: all, when: "true", flow: f}]
flows:
  f:
    - {id: r1, offset: 0, all_of: [email], firmness: 1}
    - {id: r2, offset: 4, all_of: [letter], firmness: 2, claims: none}
    - {id: r3, offset: 8, all_of: [email, letter], firmness: 2, claims: none}
    - {id: r4, offset: 12, all_of: [email], firmness: 3, claims: none, final: true}
"""


class Found(NamedTuple):
    """How many delivered messages were looked for, in how many dossiers, and what was wrong."""

    dossiers: int
    delivered: int
    wrong: list[str]


@contextmanager
def correspondence(where: Path, mail: Mailbox, seed: int, debtors: int, days: int = 20) -> Iterator[World]:
    """A world after some weeks of reminders to debtors with one to four invoices, due on different days; fates drawn by chance."""
    chance = random.Random(seed)
    with handing(where, mail, rules=RULES) as made:
        for number in range(debtors):
            made.debtor(f"d{number}", amounts=("10.00",) * chance.randint(1, 4))
        with connect(made.engine) as connection:
            connection.execute(update(CONTACTS).values(address=ADDRESS))
            for row in connection.execute(select(INVOICES)).all():
                later = row.due + timedelta(days=chance.choice((0, 0, 3, 6)))
                connection.execute(update(INVOICES).where(INVOICES.c.id == row.id).values(due=later))
        for day in range(days):
            made.run(MORNING + timedelta(days=day))
        with connect(made.engine) as connection:
            for row in connection.execute(select(MESSAGES)).all():
                fate = chance.choice(("kept", "kept", "kept", "bounced", "erased"))
                if fate == "bounced":
                    connection.execute(update(MESSAGES).where(MESSAGES.c.id == row.id).values(state="bounced", bounced_on=row.sent_on))
                elif fate == "erased":
                    connection.execute(update(OUTBOX).where(OUTBOX.c.id == row.outbox_id).values(payload=b""))
        yield made


def lacking(made: World, seed: int, trials: int) -> Found:
    """What dossiers of random invoices lack of their delivered messages, and hold of others'."""
    chance = random.Random(seed)
    wrong: list[str] = []
    looked = 0
    with connect(made.engine) as connection:
        every = connection.execute(select(INVOICES.c.id, INVOICES.c.debtor_id)).all()
        for _ in range(trials):
            debtor = chance.choice(sorted({row.debtor_id for row in every}))
            mine = [row.id for row in every if row.debtor_id == debtor]
            some = chance.sample(mine, chance.randint(1, len(mine)))
            files = unzipped(dossier.make(connection, made.creditor, debtor, some, made.clock()).data)
            index = {one["sha256"]: one for one in json.loads(files["correspondence/index.json"]) if one["file"]}
            missing = json.loads(files["manifest.json"])["missing"]
            about = select(TAKEN.c.action_id).where(TAKEN.c.invoice_id.in_(some))
            query = select(MESSAGES, OUTBOX.c.payload).join_from(MESSAGES, OUTBOX, OUTBOX.c.id == MESSAGES.c.outbox_id)
            sent = connection.execute(query.where(MESSAGES.c.action_id.in_(about))).all()
            for row in (row for row in sent if row.delivered_on is not None and row.bounced_on is None):
                looked += 1
                kept = [one for one in index.values() if files[one["file"]] == row.payload]
                if row.payload and not kept:
                    wrong.append(f"debtor {debtor}, invoices {some}: message {row.id} is not in it")
            erased = sum(not row.payload for row in sent)
            named = sum("message" in one for one in missing)
            if erased != named or len(index) != len(sent) - erased:
                wrong.append(f"debtor {debtor}: {len(index)} of {len(sent)} messages, {named} of {erased} named as missing")
    return Found(trials, looked, wrong)
