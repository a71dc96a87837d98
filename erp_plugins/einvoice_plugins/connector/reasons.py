"""Why a file is refused: each fault with its place and its mend, as JSON for programs and as text for people."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from einvoice.errors import DocumentError, EInvoiceError, NotArchivable, NotValid, Unreadable
from einvoice.report import Finding, Severity

_MOST = 1_000


class Reason(NamedTuple):
    """A fault: `code` for programs (a rule, or ours), where it stands (`line` from 1), what it is, and what mends it."""

    code: str
    text: str
    invoice: str | None = None
    line: int | None = None
    field: str | None = None
    term: str | None = None
    mend: str | None = None

    def __str__(self) -> str:
        where = ", ".join(part for part in (self.invoice, f"line {self.line}" if self.line else "", self.field, self.term) if part)
        mend = f"; {self.mend}" if self.mend else ""
        return f"{where + ': ' if where else ''}{self.text}{mend} [{self.code}]"


class Refused(EInvoiceError):
    """A file that is refused, with every reason; `may_mend` says that time may: half a file, or one that names what has not come yet."""

    def __init__(self, reasons: Sequence[Reason], *, may_mend: bool = False) -> None:
        super().__init__("\n".join(map(str, reasons[:20])))
        self.reasons = tuple(reasons)
        self.may_mend = may_mend


def of(fault: EInvoiceError, invoice: str | None = None) -> list[Reason]:
    """The reasons that an error of the library gives."""
    if isinstance(fault, NotValid):
        fatal = [finding for finding in fault.report.findings if finding.severity is Severity.FATAL]
        notes = [Reason("not-judged", layer.note, invoice) for layer in fault.report.layers if layer.note and layer.required]
        return of_findings(fatal, invoice) or notes or [Reason("not-judged", str(fault), invoice)]
    if isinstance(fault, Unreadable | NotArchivable) and fault.findings:
        return of_findings(fault.findings, invoice)
    if isinstance(fault, DocumentError):
        place = fault.location
        return [
            Reason(_code(fault), fault.message, invoice, place.line if place else None, None, place.term if place else None, fault.mend)
        ]
    text, _, mend = str(fault).partition("; ")
    return [Reason(_code(fault), text, invoice, None, getattr(fault, "path", None), getattr(fault, "term", None), mend or None)]


def of_findings(findings: Iterable[Finding], invoice: str | None = None) -> list[Reason]:
    """The reasons that findings are."""
    return [Reason(each.rule, each.text, invoice, each.line, each.xpath, each.term) for each in findings]


def outcome(reasons: Sequence[Reason]) -> dict[str, Any]:
    """The reasons as the journal keeps them."""
    return {"count": len(reasons), "reasons": [_clean(reason) for reason in reasons[:_MOST]]}


def _clean(reason: Reason) -> dict[str, Any]:
    """Values without signs that no database or file takes."""
    said = reason._asdict()
    return {name: plain(value).replace("\0", "\ufffd") if isinstance(value, str) else value for name, value in said.items()}


def plain(text: str) -> str:
    """Text without halves of signs."""
    return text.encode("utf-8", "replace").decode()


def as_json(name: str, sha256: str, told: dict[str, Any]) -> bytes:
    """The reasons as a file for programs."""
    said = {"file": name, "sha256": sha256, "verdict": "refused", **told}
    return (json.dumps(said, indent=1, ensure_ascii=False) + "\n").encode()


def as_text(name: str, told: dict[str, Any]) -> bytes:
    """The reasons as a file for people."""
    listed = [str(Reason(**reason)) for reason in told["reasons"]]
    more = [f"and {told['count'] - len(listed)} more"] if told["count"] > len(listed) else []
    head = f"{name} was refused, and nothing of it was kept. Mend it and put it into IN again (einvoice-connector retry)."
    return ("\n".join([head, "", *listed, *more]) + "\n").encode()


def _code(fault: Exception) -> str:
    """The name of an error as a code: MalformedXML is malformed-xml."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", type(fault).__name__).lower()
