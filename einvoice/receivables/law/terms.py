"""The longest payment terms that the law allows."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from einvoice.receivables.actions import Note
from einvoice.receivables.law.pack import Pack, Term

BEYOND = "term-beyond-maximum"


class Bargain(NamedTuple):
    """An invoice's term and between whom: kinds and sizes as in the snapshots; `agreed` says that the term was agreed expressly."""

    kind: str
    issued: date
    due: date
    creditor_size: str | None = None
    debtor_size: str | None = None
    agreed: bool = False


def flag(packs: Iterable[Pack], bargain: Bargain) -> Note | None:
    """Why a term is longer than the law of any of these countries allows, by the shortest; None where it is not."""
    found = [term for pack in packs if (term := _first(pack, bargain)) is not None]
    days = (bargain.due - bargain.issued).days
    beyond = [term for term in found if days > _most(term, bargain.agreed)]
    if not beyond:
        return None
    term = min(beyond, key=lambda term: (term.days, term.basis.source))
    return Note(BEYOND, f"a term of {days} days, where {term.days} are the most{_how(term)}", str(term.basis))


def _first(pack: Pack, bargain: Bargain) -> Term | None:
    """The first rule of a country that is about such parties, in force when the invoice was issued."""
    return next((term for term in pack.terms if _fits(term, bargain)), None)


def _fits(term: Term, bargain: Bargain) -> bool:
    return (
        bargain.kind in term.kinds
        and (not term.creditor or bargain.creditor_size in term.creditor)
        and (not term.debtor or bargain.debtor_size in term.debtor)
        and term.basis.since <= bargain.issued
    )


def _most(term: Term, agreed: bool) -> float:
    if not agreed or term.agreed is None:
        return term.days
    return term.agreed or float("inf")


def _how(term: Term) -> str:
    if term.agreed is None:
        return ", whatever was agreed"
    return " unless agreed and fair" if not term.agreed else f", {term.agreed} where agreed and justified"
