"""Check codes of a run through a real mail server: read out of what arrived, verified, and mistyped in every way there is."""

from __future__ import annotations

import hashlib
import random
from collections import Counter
from itertools import pairwise
from pathlib import Path

from sqlalchemy import select

from einvoice.database import connect
from einvoice.outbox.tables import OUTBOX
from einvoice.receivables.documents import codes
from einvoice.receivables.verify import Mistyped, verify
from tests.receivables.letters import mail
from tests.receivables.run_world import MORNING, World, world
from tests.smtp import serving

SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def measure(where: Path, count: int) -> tuple[Counter[str], list[str]]:
    """What was found of the codes of that many mails: counts by name, and what was wrong."""
    counts: Counter[str] = Counter()
    with serving(where / "mail.log") as server, world(where, server) as made:
        made.debtors(count)
        assert made.run().sent.sent == count
        accepted = {one.sha256 for one in server.accepted()}
        counts["arrived at the server"] = len(accepted)
        faults = _verified(made, counts)
    return counts, faults


def _verified(made: World, counts: Counter[str]) -> list[str]:
    faults: list[str] = []
    chance = random.Random(6)
    with connect(made.engine) as connection:
        for row in connection.execute(select(OUTBOX)).all():
            body = mail(row.payload).get_body(("plain",))
            code = row.headers["code"]
            found = verify(connection, code)
            if body is None or code not in body.get_content() or found is None:
                faults.append(f"{row.key}: its code is not in it, or not known")
                continue
            stated = (found.sent_at, str(found.amount), found.iban, found.invoices, found.sha256, found.left)
            wanted = (MORNING, "100.00", "BE71096123456769", 1, hashlib.sha256(row.payload).hexdigest(), True)
            faults += [] if stated == wanted else [f"{row.key}: {stated}"]
            counts["verified"] += 1
            for slip in slips(code):
                try:
                    verify(connection, slip)
                    faults.append(f"{slip} is taken for a code")
                except Mistyped:
                    counts["slips told apart"] += 1
            foreign = codes.code(str(chance.random()), row.key)
            faults += [f"{foreign} is known"] if verify(connection, foreign) else []
            counts["unknown"] += 1
    return faults


def slips(code: str) -> list[str]:
    """Every code with one wrong sign among the twelve, and every one with two neighbours swapped."""
    bare = code.replace("-", "")
    made = [bare[:at] + sign + bare[at + 1 :] for at in range(12) for sign in SIGNS if sign != bare[at]]
    return made + [bare[:at] + second + first + bare[at + 2 :] for at, (first, second) in enumerate(pairwise(bare[:12])) if first != second]
