"""A debt as the law looks at it, and what its contract says."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from einvoice.money import exact
from einvoice.receivables.law.interest import Movement

NOTHING: Mapping[str, Any] = {}
BY_LAW = "by_law"


class Debt(NamedTuple):
    """One invoice that is late: `principal` now, or its `movements` since the due date, oldest first.

    `ends` is the last day of the term that a statutory notice gave, None where none was given. `presumed` takes for granted what the
    law wants first (a notice, a word on the invoice, a contract term), and lists it. Amounts in `currency`, with VAT.
    """

    kind: str
    principal: Decimal
    issued: date
    due: date
    until: date
    currency: str = "EUR"
    movements: tuple[Movement, ...] = ()
    ends: date | None = None
    contract: Mapping[str, Any] = NOTHING
    deducts_vat: bool = True
    presumed: bool = False

    def says(self, need: str | None) -> bool:
        """Whether invoice or contract say what the law needs."""
        if need is None:
            return True
        return self.contract.get("warned") is True if need == "warned" else bool(self.contract.get("costs"))


def agreed_amount(contract: Mapping[str, Any], key: str, principal: Decimal | None = None) -> Decimal | None:
    """An amount or rate that a contract states; None where it states none or leaves it to the law.

    Costs may be a share such as "10 %" of the principal. Raises ValueError for what is no number from 0 on.
    """
    stated = contract.get(key)
    if stated is None or stated is True or stated == BY_LAW:
        return None
    text = str(stated).strip()
    share = principal is not None and text.endswith("%")
    amount = exact(text.rstrip("% ") if share else text)
    if amount < 0:
        raise ValueError(f"{key} is {amount}")
    return amount * principal / 100 if principal is not None and share else amount
