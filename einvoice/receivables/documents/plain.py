"""Plain texts of messages and hand-overs: what a document says, with its table in columns; the same facts, the same bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from einvoice.receivables.documents import compose_pen, compose_table
from einvoice.receivables.documents.content import Content, Table
from einvoice.receivables.documents.parties import Facts, Party


class Document(NamedTuple):
    """A finished text; `template` is the SHA-256 of the words it was made of, `hash` that of what it says."""

    subject: str
    text: str
    language: str
    template: str

    @property
    def hash(self) -> str:
        """SHA-256 of subject and text."""
        return hashlib.sha256(f"{self.subject}\n\n{self.text}".encode()).hexdigest()


def text(made: Content) -> str:
    """A document without a form: its paragraphs, an empty line between them."""
    return "\n\n".join(_paragraphs(made)) + "\n"


def _paragraphs(made: Content) -> Iterator[str]:
    yield made.greeting
    yield from made.opening
    if made.table is not None:
        yield "\n".join(laid(made.table))
    yield from made.remarks
    if made.transfer is not None:
        yield made.transfer.words
    yield from (f"{link.words}: {link.url}" for link in made.links)
    yield from (part for part in (made.contact, made.check) if part)
    yield "\n".join([made.closing, *made.signature])


def laid(table: Table) -> list[str]:
    """A table in columns of text, amounts on the right; what fills one cell and an amount stands below, across the columns."""
    full = [line.cells for line in table.lines if all(line.cells[:2])]
    wide = [max(map(len, column)) for column in zip(table.columns, *full, strict=True)]
    wide[-1] = max(wide[-1], *(len(line.cells[-1]) for line in table.lines))
    across = max([sum(wide[:-1]) + 2 * (len(wide) - 2), *(len(_label(line.cells)) for line in table.lines if line.cells not in full)])
    return [_row(table.columns, wide), *(_line(line.cells, wide, across, whole=line.cells in full) for line in table.lines)]


def _line(cells: Sequence[str], wide: Sequence[int], across: int, *, whole: bool) -> str:
    return _row(cells, wide) if whole else f"{_label(cells):<{across}}  {cells[-1]:>{wide[-1]}}"


def _label(cells: Sequence[str]) -> str:
    return "  ".join(cell for cell in cells[:-1] if cell)


def _row(cells: Sequence[str], wide: Sequence[int]) -> str:
    kept = [f"{cell:<{width}}" for cell, width in zip(cells[:-1], wide[:-1], strict=True)]
    return "  ".join([*kept, f"{cells[-1]:>{wide[-1]}}"])


def dossier(facts: Facts, history: Sequence[str]) -> Document:
    """The text that goes with a hand-over: who, what is claimed and how it was computed, what was done, why.

    Raises Missing.
    """
    action = facts.action
    language = str(facts.creditor.get("language") or "en")
    pen = compose_pen.pen(Party(facts.creditor, facts.debtor, facts.debtor, language, action.currency, templates=facts.templates), "")
    title = pen.say("handover", "title", handover=action.handover or "")
    computed = [f"  {line}" for charge in action.charges for line in charge.lines]
    parts = [
        [title],
        [f"{pen.say('handover', 'creditor')}:", *(f"  {line}" for line in compose_pen.signature(facts.creditor))],
        [f"{pen.say('handover', 'debtor')}:", f"  {facts.debtor}"],
        [f"{pen.say('handover', 'claim')}:", *(f"  {line}" for line in laid(compose_table.table(facts, pen))), *computed],
        [f"{pen.say('handover', 'history')}:", *(f"  {line}" for line in history)],
        [f"{pen.say('handover', 'why')}:", f"  {action.why.step}", f"  {action.why.because}"],
    ]
    return Document(title, "\n\n".join("\n".join(part) for part in parts) + "\n", pen.language, pen.template)
