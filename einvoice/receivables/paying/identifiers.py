"""What a creditor needs before it collects: an account, and its creditor identifier with check digits that hold."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row

from einvoice.errors import ReceivablesError


def complete(owner: Row[Any]) -> None:
    """Refuses a creditor that cannot collect.

    Raises ReceivablesError, with what to set.
    """
    lacking = [name for name in ("iban", "sepa_id") if not getattr(owner, name)]
    if lacking:
        option = " ".join(f"--{name.replace('_', '-')} …" for name in lacking)
        raise ReceivablesError(
            f"the creditor has no {' and no '.join(lacking)}; set it with: einvoice receivables creditor set {owner.key} {option}"
        )
    sepa_id(owner.sepa_id)


def sepa_id(text: str) -> str:
    """A creditor identifier without spaces, its check digits verified (EPC262-08: ISO 7064 modulo 97-10 over all but the business code).

    Raises ReceivablesError where it is none.
    """
    bare = "".join(text.split()).upper()
    fits = 8 < len(bare) <= 35 and bare.isascii() and bare.isalnum() and bare[:2].isalpha() and bare[2:4].isdigit()
    if not fits or int("".join(str(int(sign, 36)) for sign in bare[7:] + bare[:4])) % 97 != 1:
        raise ReceivablesError(f"{text!r} is no SEPA creditor identifier: its check digits do not hold; copy it from your bank's letter")
    return bare
