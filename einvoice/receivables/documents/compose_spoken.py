"""The same message for who reads a few lines, hears a machine, or is called by a person."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from einvoice.receivables.documents.compose_pen import Pen, listed
from einvoice.receivables.documents.content import Table
from einvoice.receivables.documents.parties import Debt, Missing

LONGEST = 320
"""Characters of a short message."""
SHORT = frozenset({"sms", "whatsapp"})
NAME = 30
"""So many letters of a long creditor's name, where there is no room for more."""
_ASKED = ("ask_1", "ask_2", "ask_3", "ask_4")
_NOTED = ("note_1", "note_2")


def short(pen: Pen, path: tuple[str, ...], debts: Sequence[Debt], channel: str) -> str:
    """A few lines in plain spaces: of many invoices as many numbers as there is room for, of a long name its beginning.

    Raises Missing where it is sent by a short channel and has no room even so.
    """
    made = ""
    for creditor in dict.fromkeys((pen.fields["creditor"], pen.fields["creditor"][:NAME].rstrip())):
        for most in dict.fromkeys((len(debts), *(count for count in (5, 3, 1) if count < len(debts)))):
            made = _short(pen, path, {"creditor": creditor, **(_named(pen, debts, most) if debts else {})})
            if len(made) <= LONGEST:
                return made
    if channel in SHORT:
        room = f"room: the short message has {len(made)} characters, {LONGEST} are the most; a shorter sentence or link"
        raise Missing(room, ".".join(path))
    return made


def _named(pen: Pen, debts: Sequence[Debt], most: int) -> dict[str, str]:
    """What the invoices are called, `most` of them."""
    more = "" if most >= len(debts) else ", ..."
    named = {"about": listed(pen, debts, most), "number": ", ".join(debt.number for debt in debts[:most]) + more}
    return named if most >= len(debts) else {**named, "reference": ", ".join(debt.reference or debt.number for debt in debts[:most]) + more}


def _short(pen: Pen, path: tuple[str, ...], more: dict[str, str]) -> str:
    made = pen.say(*path, **more)
    if pen.fields["code"]:
        made = f"{made} {pen.say('short', 'code')}"
    return plain(made)


def plain(text: str) -> str:
    """A text with plain spaces: those that do not break cost a short message half its room, and machines stumble over them."""
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def spoken(pen: Pen, how: str, debts: Sequence[Debt]) -> str:
    """What a machine reads out: who calls, how much, which keys."""
    about = listed(pen, debts, 3)
    return plain(
        " ".join((pen.say("spoken", "hello"), pen.say("spoken", how, about=about), pen.say("spoken", "phone"), pen.say("spoken", "keys")))
    )


def script(pen: Pen, how: str, debts: Sequence[Debt], table: Table, agreed: Sequence[str], contents: Sequence[str]) -> str:
    """What a person at the telephone says, asks, may offer and notes."""
    return "\n".join(_script(pen, how, debts, table, agreed, contents))


def _script(pen: Pen, how: str, debts: Sequence[Debt], table: Table, agreed: Sequence[str], contents: Sequence[str]) -> Iterator[str]:
    about = listed(pen, debts, 5)
    yield f"{pen.say('script', 'manner')}: {' '.join(pen.own('script', 'calm')) or pen.say('script', 'calm')}"
    yield f"{pen.say('script', 'say')}: {pen.say('script', 'hello')}"
    yield f"{pen.say('script', 'say')}: {pen.say('script', how, about=about)}"
    yield f"{pen.say('script', 'owed')}:"
    yield from (f"- {' · '.join(cell for cell in line.cells if cell)}" for line in table.lines)
    if agreed:
        yield f"{pen.say('script', 'agreed')}:"
        yield from (f"- {sentence}" for sentence in agreed)
    yield f"{pen.say('script', 'ask')}:"
    yield from (f"- {pen.say('script', name)}" for name in _ASKED)
    yield f"{pen.say('script', 'offer')}: {pen.say('script', f'offer_{how}')}"
    yield f"{pen.say('script', 'note')}:"
    noted = (*_NOTED, "note_record") if "file_record" in contents else _NOTED
    yield from (f"- {pen.say('script', name)}" for name in noted)
    yield f"{pen.say('script', 'say')}: {pen.say('script', 'bye')}"
