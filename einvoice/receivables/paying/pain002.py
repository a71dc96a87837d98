"""Status reports of the bank (pain.002): what of a file it refused before settlement.

Read by element names, so that every version fits (pain.002.001.03 to .14): `GrpSts`, `PmtInfSts` and `TxSts` are `RJCT` where a file, a
batch or a collection was refused (ISO 20022, CustomerPaymentStatusReport; EPC130-08 for its use in SEPA).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from sqlalchemy import Connection

from einvoice.errors import DocumentError, ReceivablesError
from einvoice.formats import guard
from einvoice.receivables.cases.case import At
from einvoice.receivables.paying.collections import batched
from einvoice.receivables.paying.returns import rejected

_LIMIT = 64 * 2**20
_REFUSED = "RJCT"
_NO_REASON = "MS03"


class Refused(NamedTuple):
    """What was refused and why: a collection by its end-to-end id, else a whole batch or file by its id."""

    end_to_end: str | None
    batch: str | None
    reason: str


def refused(data: bytes) -> tuple[Refused, ...]:
    """What a status report says was refused.

    Raises ReceivablesError where the bytes are no pain.002.
    """
    try:
        root = guard.tree(data, _LIMIT)
    except DocumentError as fault:
        raise ReceivablesError(f"the status report cannot be read: {fault}") from None
    if _name(root) != "Document" or not len(root) or _name(root[0]) != "CstmrPmtStsRpt":
        raise ReceivablesError("the file is no status report of payments (pain.002); ask the bank for that one")
    return tuple(_all(root[0]))


def read(connection: Connection, creditor: int, data: bytes, at: At) -> tuple[int, ...]:
    """Ends the collections that a status report refuses, and follows up why; their ids. The same report again changes nothing.

    Raises ReceivablesError where the bytes are no pain.002.
    """
    ended = []
    for one in refused(data):
        ids = [one.end_to_end] if one.end_to_end else [row.end_to_end for row in batched(connection, creditor, one.batch or "")]
        ended += [ref for each in ids if (ref := rejected(connection, creditor, each, one.reason, at)) is not None]
    return tuple(ended)


def _all(report: Any) -> Iterator[Refused]:
    """Refusals, the narrowest word first: a collection's, its batch's, the file's."""
    group = _child(report, "OrgnlGrpInfAndSts")
    narrower = False
    for batch in report:
        if _name(batch) != "OrgnlPmtInfAndSts":
            continue
        singles = [one for one in batch if _name(one) == "TxInfAndSts"]
        for one in singles:
            if _text(one, "TxSts") == _REFUSED and (ref := _text(one, "OrgnlEndToEndId")):
                narrower = True
                yield Refused(ref, None, _reason(one) or _reason(batch) or _reason(group))
        if _text(batch, "PmtInfSts") == _REFUSED and not singles:
            narrower = True
            yield Refused(None, _text(batch, "OrgnlPmtInfId"), _reason(batch) or _reason(group))
    if _text(group, "GrpSts") == _REFUSED and not narrower:
        yield Refused(None, _text(group, "OrgnlMsgId"), _reason(group))


def _reason(element: Any) -> str:
    why = _child(_child(element, "StsRsnInf"), "Rsn")
    return (_text(why, "Cd") or _text(why, "Prtry") or _NO_REASON) if why is not None else ""


def _child(element: Any, name: str) -> Any:
    return next((one for one in element if _name(one) == name), None) if element is not None else None


def _text(element: Any, name: str) -> str | None:
    found = _child(element, name)
    return (found.text or "").strip() or None if found is not None else None


def _name(element: Any) -> str:
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""
