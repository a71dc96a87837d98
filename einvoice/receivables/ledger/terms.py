"""Payment terms beyond what the law allows: flagged when an invoice enters."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

from einvoice.receivables import law


class Bargain(NamedTuple):
    """Between whom a term was agreed, and which: what decides whether the law allows it."""

    creditor: str
    creditor_size: str | None
    debtor: str
    debtor_size: str | None
    kind: str
    issued: date
    due: date
    agreed: bool = False


@lru_cache(maxsize=4096)  # many invoices of a file have the same term, issued on the same days
def flags(bargain: Bargain) -> tuple[dict[str, Any], ...]:
    """What is remarkable about the term of an invoice that enters, as kept in `invoices.flags`: code, text and source."""
    note = law.load().term_flag(**bargain._asdict())
    return () if note is None else ({"code": note.code, "text": note.text, "source": note.source},)
