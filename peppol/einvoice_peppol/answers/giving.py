"""Gives an answer: checked like everything that goes out, submitted through the same gate, sent by the same way."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from einvoice_peppol.answers.answer import SPECIFICATIONS, Answer
from einvoice_peppol.answers.checking import check
from einvoice_peppol.answers.writing import write
from einvoice_peppol.bodies import Bodies
from einvoice_peppol.identifiers.derive import Derived
from einvoice_peppol.sending import submit


def give(connection: Connection, answer: Answer, about: int, country: str, now: datetime, bodies: Bodies, *, via: str = "as4") -> int:
    """Submits an answer to the row `about` of the inbox, and gives its own row; the same answer again is the same row.

    `country` is the one of who answers (C1 of the answer). Raises NotValid where the answer breaks a rule of its transaction,
    BadIdentifier where its parties are none.
    """
    data, kind = write(answer), SPECIFICATIONS[answer.kind]
    derived = Derived(
        document=kind.document,
        process=kind.process,
        sender=answer.sender,
        receiver=answer.receiver,
        country=country,
        number=None,
        profile="",
    )
    return submit(
        connection,
        data,
        check(data),
        subject=f"inbox:{about}",
        key=f"{answer.kind}:{about}:{answer.id}",
        derived=derived,
        via=via,
        about=about,
        bodies=bodies,
        now=now,
    )
