"""Recalculating published invoices: their amounts are taken away and calculated again; every difference gets its reason.

A reason is proven, not guessed: what it is about is pinned to the amount stated, and the invoice is calculated once more. Only where
nothing else differs then is it explained. That a line's net amount is no product of price and quantity is a reason where the official
rule PEPPOL-EN16931-R120 says so of as many lines of the file, in whichever official run, or where it is within that rule's slack.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import islice
from pathlib import Path

import einvoice
from einvoice.calculation import Difference, calculate, stripped
from einvoice.calculation.recalculation import differences
from einvoice.errors import CalculationError, Contradiction, DocumentError
from einvoice.model import Invoice, Line, VATBreakdown
from tests import corpora

ZERO = Decimal(0)
SLACK = Decimal("0.02")
R120 = "PEPPOL-EN16931-R120"
UNREAD = {
    "LineStatusReasonCode": "EXTENDED: lines that sum up other lines (unread)",
    "ParentLineID": "EXTENDED: lines that sum up other lines (unread)",
    "SpecifiedLogisticsServiceCharge": "EXTENDED: logistics charges (unread)",
}
INPUTS = {
    "BG-25": "MINIMUM and BASIC WL: no lines",
    "BT-149": "the base quantity of a price is not above zero (PEPPOL-EN16931-R121)",
    "BT-146": "a net price is not gross price − discount (PEPPOL-EN16931-R046) in CII that names Peppol: no official rule set runs",
    "BG-23": "a row of the VAT breakdown that no line bears",
}
ALLOWANCE = "an allowance or charge is not base × percentage (PEPPOL-EN16931-R040)"
LINE_ROUNDED = "the sender rounded a line net within the slack of PEPPOL-EN16931-R120"
LINE = "a line net is not price × quantity (the official PEPPOL-EN16931-R120 says so too)"
INNER_LINE = "the net of a line within a line is not price × quantity (no official rule tests it)"
OUTER_LINE = "a line net is not the sum of the lines within it (the official BR-DEX-02 warns)"
VAT = "the sender's VAT is off the formula within the tolerance of BR-CO-17"
TAXABLE = "a taxable amount is off the sum as far as BR-S-08 and its family let pass in that syntax"
OMITTED = "the VAT breakdown leaves out a rate that lines bear"
ROUNDED = frozenset({LINE_ROUNDED, VAT})
WITHOUT_VAT = "CII: the total with VAT is that without (BR-CO-15 lets it pass)"


@dataclass
class Pins:
    """What is kept as the sender stated it: lines by path, with the reason, and the VAT of every row."""

    lines: dict[str, str] = field(default_factory=dict)
    taxes: bool = False


@dataclass(frozen=True)
class Outcome:
    """One published invoice: identical where `reasons` is empty; `left` is what no reason explains."""

    path: Path
    invoice: Invoice
    reasons: frozenset[str]
    left: tuple[str, ...] = ()


def outcomes(folder: Path, step: int = 1) -> Iterator[Outcome]:
    """Every officially valid invoice of the corpora, or each `step`th."""
    for path, fired in islice(officially_valid(folder), 0, None, step):
        try:
            invoice = einvoice.read(path)
        except DocumentError:
            continue  # responses, encrypted or foreign documents: no invoice
        yield explained(path, invoice, fired)


def officially_valid(folder: Path) -> Iterator[tuple[Path, dict[str, int]]]:
    """The files that every official layer calls valid, each with how often an official run of it reported which id, at most."""
    ids: dict[Path, dict[str, int]] = {}
    for listing in sorted(folder.rglob("verdicts.jsonl")):
        for text in listing.read_text("utf-8").splitlines():
            row = json.loads(text)
            runs = [*(row.get("layers") or {}).values(), *(row.get("extra") or {}).values()]
            found = [item for run in runs for level in ("fatal", "warning") for item in (run.get(level) or {}).items()]
            ids[listing.parent / row["file"]] = dict(sorted(found, key=lambda item: item[1]))
    return ((case.path, ids[case.path]) for case in corpora.cases(folder) if case.valid)


def explained(path: Path, invoice: Invoice, fired: dict[str, int]) -> Outcome:
    """Calculates again, pinning what has a reason, until nothing differs or what differs has none."""
    published, reasons = invoice, set[str]()
    pins = Pins()
    while True:
        try:
            result = calculate(pinned(invoice, pins)).invoice
        except CalculationError as error:
            reason = _of_input(error, invoice)
            if reason != ALLOWANCE or ALLOWANCE in reasons:
                return Outcome(path, published, frozenset({*reasons, reason} - {""}), () if reason else (str(error),))
            reasons.add(reason)
            invoice = without_percentages(invoice)
            continue
        found = list(differences(invoice, result))
        new, final = _reasons(invoice, found, fired, pins)
        reasons |= new
        if not new or final:
            return Outcome(path, published, frozenset(reasons), () if final else tuple(map(str, found)))


def pinned(invoice: Invoice, pins: Pins) -> Invoice:
    """The invoice without its calculated amounts, but for the pinned ones."""
    bare = stripped(invoice)
    lines = _all_pinned(invoice.lines, bare.lines, "", pins)
    rows = bare.vat_breakdown
    if pins.taxes:
        both = zip(invoice.vat_breakdown, rows, strict=True)
        rows = tuple(new.model_copy(update={"tax_amount": old.tax_amount}) for old, new in both)
    return bare.model_copy(update={"lines": lines, "vat_breakdown": rows})


def _all_pinned(old: tuple[Line, ...], new: tuple[Line, ...], path: str, pins: Pins) -> tuple[Line, ...]:
    both = enumerate(zip(old, new, strict=True))
    return tuple(_pinned(before, after, f"{path}lines[{number}]", pins) for number, (before, after) in both)


def _pinned(old: Line, new: Line, path: str, pins: Pins) -> Line:
    if path in pins.lines:
        return old.model_copy(update={"price": None})
    return new.model_copy(update={"lines": _all_pinned(old.lines, new.lines, f"{path}.", pins)})


def without_percentages(invoice: Invoice) -> Invoice:
    """The same invoice, its allowances and charges as plain amounts."""
    lines = tuple(line.model_copy(update=_plain(line)) for line in invoice.lines)
    return invoice.model_copy(update={"lines": lines, **_plain(invoice)})


def _plain(of: Line | Invoice) -> dict[str, object]:
    """The allowances and charges of an invoice or a line without their percentages."""
    both = {"allowances": of.allowances, "charges": of.charges}
    return {name: tuple(item.model_copy(update={"percentage": None}) for item in items) for name, items in both.items()}


def _of_input(error: CalculationError, invoice: Invoice) -> str:
    """Why an invoice cannot be calculated from its lines; empty where no reason is known."""
    if isinstance(error, Contradiction) and error.term != "BT-146":
        return ALLOWANCE if error.term in ("BT-92", "BT-99", "BT-136", "BT-141") else ""
    return INPUTS.get(error.term or "") or _of_unread(invoice)


def _of_unread(invoice: Invoice) -> str:
    """The part of an extension that changes amounts and that the model does not hold."""
    return next((reason for name, reason in UNREAD.items() if any(name in value.path for value in invoice.unread)), "")


def _reasons(invoice: Invoice, found: list[Difference], fired: dict[str, int], pins: Pins) -> tuple[set[str], bool]:
    """Reasons for the differences that come first, which are pinned; True where there is nothing left to calculate again."""
    lines = [one for one in found if one.term == "BT-131"]
    unread = _of_unread(invoice)
    if lines and not (unread and any(line.lines for line in invoice.lines)):
        return ({OUTER_LINE}, True) if "BR-DEX-02" in fired else (_of_lines(lines, fired, pins), False)
    if found and unread:
        return {unread}, True
    if any(one.stated is None and one.term == "BT-116" for one in found):
        return {OMITTED}, True
    if not pins.taxes and any(one.term == "BT-117" for one in found) and _within(invoice.vat_breakdown):
        pins.taxes = True
        return {VAT}, False
    return _of_sums(invoice, found)


def _of_lines(lines: list[Difference], fired: dict[str, int], pins: Pins) -> set[str]:
    """The reasons of all these lines, each of them pinned; none where one line has none."""
    for one in _innermost(lines):
        path = one.path.removesuffix(".net_amount")
        if one.stated is None or path in pins.lines:
            return set()
        if abs(one.stated - (one.calculated or 0)) <= SLACK:
            pins.lines[path] = LINE_ROUNDED
        else:
            pins.lines[path] = INNER_LINE if path.count("lines[") > 1 else LINE
    wrong = list(pins.lines.values()).count(LINE)
    return set() if wrong > fired.get(R120, 0) else set(pins.lines.values())


def _innermost(lines: list[Difference]) -> list[Difference]:
    """Without the lines that sum up another one of these."""
    paths = [one.path.removesuffix("net_amount") for one in lines]
    return [one for one, path in zip(lines, paths, strict=True) if not any(other != path and other.startswith(path) for other in paths)]


def _within(rows: tuple[VATBreakdown, ...]) -> bool:
    """Every stated VAT is less than 1 off the stated taxable amount × rate."""
    stated = [(row.taxable_amount or ZERO, row.rate or ZERO, row.tax_amount) for row in rows if row.tax_amount]
    return all(abs(tax - taxable * rate / 100) < 1 for taxable, rate, tax in stated)


def _of_sums(invoice: Invoice, found: list[Difference]) -> tuple[set[str], bool]:
    sums = invoice.totals
    if sums is not None and {one.term for one in found} == {"BT-112", "BT-115"} and sums.total_with_vat == sums.total_without_vat:
        return {WITHOUT_VAT}, True
    if found and all(one.term == "BT-116" for one in found):
        return {TAXABLE}, True
    return set(), not found


def main() -> None:
    """Prints every invoice that differs, with its reasons."""
    folder = corpora.folder()
    for one in outcomes(folder) if folder else ():
        if one.reasons or one.left:
            print(one.path, *sorted(one.reasons), *one.left, sep=" | ")


if __name__ == "__main__":
    main()
