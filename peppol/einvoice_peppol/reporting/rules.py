"""The rules of the two reports, by their official ids (SCH-TSR 1.0.5, SCH-EUSR 1.1.5), written anew."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import product
from typing import Any, NamedTuple

from einvoice.report import Finding, Severity
from einvoice_peppol.identifiers.countries import is_country
from einvoice_peppol.reporting.kinds import PROFILE, SHAPES, Kind
from einvoice_peppol.reporting.reading import Key, Part, Stated, normal

_SEAT = re.compile("P[A-Z]{2}[0-9]{6}", re.ASCII)
_DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_METAS = {"SP": None, "DT": None, "PR": None, "SC": "SenderCountry", "RC": "ReceiverCountry", "UC": "EndUserCountry", "TP": None}
"""Keys that parts are told apart by; those of countries have a scheme each."""


class _Part(NamedTuple):
    """The rules of a type of part: how many keys, how many of each meta scheme and scheme, and that each combination is once."""

    keys: tuple[int, int]
    needs: tuple[tuple[int, str, str | None, int], ...]
    once: tuple[int, tuple[str, ...]]


_TRANSACTIONS = {
    "PerTP": _Part((21, 1), ((22, "TP", None, 1), (23, "", "Peppol", 1)), (6, ("TP",))),
    "PerSP-DT-PR": _Part((24, 3), ((25, "SP", None, 1), (26, "DT", None, 1), (27, "PR", None, 1)), (10, ("SP", "DT", "PR"))),
    "PerSP-DT-PR-CC": _Part(
        (29, 5),
        (
            (30, "SP", None, 1),
            (31, "DT", None, 1),
            (32, "PR", None, 1),
            (33, "CC", None, 2),
            (35, "CC", "SenderCountry", 1),
            (36, "CC", "ReceiverCountry", 1),
        ),
        (14, ("SP", "DT", "PR", "SC", "RC")),
    ),
}
_USERS = {
    "PerDT-PR": _Part((9, 2), ((10, "DT", None, 1), (11, "PR", None, 1)), (13, ("DT", "PR"))),
    "PerDT-PR-EUC": _Part(
        (23, 3),
        ((24, "DT", None, 1), (25, "PR", None, 1), (26, "CC", None, 1), (27, "CC", "EndUserCountry", 1)),
        (29, ("DT", "PR", "UC")),
    ),
    "PerDT-EUC": _Part((41, 2), ((42, "DT", None, 1), (43, "CC", None, 1), (44, "CC", "EndUserCountry", 1)), (38, ("DT", "UC"))),
    "PerEUC": _Part((45, 1), ((46, "CC", None, 1), (47, "CC", "EndUserCountry", 1)), (40, ("UC",))),
}


def check(report: Stated, kind: Kind) -> Iterator[Finding]:
    """What a report breaks, by official id."""
    rules = _Rules("SCH-TSR" if kind is Kind.TSR else "SCH-EUSR", report)
    yield from rules.named(1, report.customization == SHAPES[kind].customization, "the specification is another", report.customization)
    yield from rules.named(2, report.profile == PROFILE, "the process is another", report.profile)
    yield from _header(rules, report, kind)
    if kind is Kind.TSR:
        yield from _transactions(rules, report)
        yield from _parts(rules, report, _TRANSACTIONS)
    else:
        yield from _users(rules, report)
        yield from _parts(rules, report, _USERS)


class _Rules(NamedTuple):
    prefix: str
    report: Stated

    def named(self, number: int, holds: bool, why: str, value: str | None = None, element: Any = None) -> Iterator[Finding]:
        """A finding where a rule does not hold."""
        if not holds:
            place = self.report.root if element is None else element
            yield Finding(
                f"{self.prefix}-{number:02}",
                Severity.FATAL,
                why,
                xpath=place.getroottree().getpath(place),
                line=place.sourceline,
                value=value,
            )


def _header(rules: _Rules, report: Stated, kind: Kind) -> Iterator[Finding]:
    dates, seat = ((40, 41, 42), (16, 17, 18)) if kind is Kind.TSR else ((16, 17, 18), (6, 7, 8))
    begins, ends = report.dates
    yield from rules.named(dates[0], bool(_DAY.fullmatch(normal(begins))), "StartDate has a time zone", begins)
    yield from rules.named(dates[1], bool(_DAY.fullmatch(normal(ends))), "EndDate has a time zone", ends)
    yield from rules.named(dates[2], ends >= begins, "EndDate is before StartDate", ends)
    yield from rules.named(seat[0], report.reporter != "", "ReporterID is empty")
    yield from rules.named(
        seat[1], normal(report.reporter_scheme) == "CertSubjectCN", "the scheme is CertSubjectCN", report.reporter_scheme
    )
    is_seat = report.reporter_scheme != "CertSubjectCN" or bool(_SEAT.fullmatch(report.reporter))
    yield from rules.named(seat[2], is_seat, "the reporter is no seat of the network, as PNL000123", report.reporter)


def _transactions(rules: _Rules, report: Stated) -> Iterator[Finding]:
    incoming, outgoing = report.total
    empty = incoming + outgoing == 0
    for kind, (there, sums, sent, skipped) in {
        "PerTP": (3, 4, 5, empty),
        "PerSP-DT-PR": (7, 8, 9, empty),
        "PerSP-DT-PR-CC": (11, 12, 0, empty or not incoming),
    }.items():
        parts = [part for part in report.parts if part.type == kind]
        if skipped:
            continue
        yield from rules.named(there, bool(parts), f"no Subtotal {kind} stands here")
        yield from rules.named(sums, sum(part.numbers[0] for part in parts) == incoming, f"Incoming of {kind} adds up to another total")
        if sent:
            yield from rules.named(sent, sum(part.numbers[1] for part in parts) == outgoing, f"Outgoing of {kind} adds up to another total")
    yield from rules.named(39, all(part.type in _TRANSACTIONS for part in report.parts), "a Subtotal has a type that does not exist")
    for part in report.parts:
        yield from rules.named(37, part.type in _TRANSACTIONS, "the type does not exist", part.type, part.element)
        if part.type == "PerSP-DT-PR-CC":
            yield from rules.named(
                43, part.numbers[1] == 0, "Outgoing is not 0: only the receiver knows both countries", None, part.element
            )
        if number := {"PerSP-DT-PR": 28, "PerSP-DT-PR-CC": 34}.get(part.type):
            named = all(key.scheme == "CertSubjectCN" for key in part.of("SP"))
            yield from rules.named(number, named, "the scheme of the service provider is CertSubjectCN", None, part.element)
        for key in part.keys:
            if key.scheme == "CertSubjectCN":
                yield from rules.named(19, bool(_SEAT.fullmatch(key.value)), "no seat of the network", key.value, key.element)
            if key.scheme in ("SenderCountry", "ReceiverCountry"):
                yield from rules.named(20, _is_country(key, more={"ZZ"}), "no country", key.value, key.element)


def _users(rules: _Rules, report: Stated) -> Iterator[Finding]:
    sending, receiving, either = report.total
    empty = sending + receiving == 0
    for place, number in enumerate((3, 4, 22)):
        most = max((part.numbers[place] for part in report.parts), default=None)
        holds = empty or (most is not None and most <= report.total[place])
        yield from rules.named(number, holds, "a Subset has more than the FullSet, or none stands here")
    yield from rules.named(19, either <= sending + receiving, "FullSet: more send or receive than send and receive")
    yield from rules.named(20, either >= sending, "FullSet: fewer send or receive than send")
    yield from rules.named(21, either >= receiving, "FullSet: fewer send or receive than receive")
    for number, kind in ((15, "PerDT-PR"), (37, "PerDT-EUC"), (39, "PerEUC")):
        yield from rules.named(number, empty or any(part.type == kind for part in report.parts), f"no Subset {kind} stands here")
    yield from rules.named(14, all(part.type in _USERS for part in report.parts), "a Subset has a type that does not exist")
    numbers = [part.numbers for part in report.parts]
    yield from rules.named(33, all(each[2] <= each[0] + each[1] for each in numbers), "a Subset: more send or receive than both")
    yield from rules.named(34, all(each[2] >= each[0] for each in numbers), "a Subset: fewer send or receive than send")
    yield from rules.named(35, all(each[2] >= each[1] for each in numbers), "a Subset: fewer send or receive than receive")
    yield from rules.named(36, all(each[2] > 0 for each in numbers), "a Subset that is empty; leave it out")
    for part in report.parts:
        for key in part.keys:
            if key.scheme == "EndUserCountry":
                yield from rules.named(30, _is_country(key), "no country", key.value, key.element)


def _parts(rules: _Rules, report: Stated, known: dict[str, _Part]) -> Iterator[Finding]:
    """What each type of part needs, and that no combination of keys stands twice."""
    for kind, needed in known.items():
        parts = [part for part in report.parts if part.type == kind]
        number, metas = needed.once
        seen = Counter(tuple(next(iter(_of(part, meta)), None) for meta in metas) for part in parts)
        for part in parts:
            yield from rules.named(needed.keys[0], len(part.keys) == needed.keys[1], f"{kind} has {needed.keys[1]} Key", None, part.element)
            for rule, meta, scheme, count in needed.needs:
                found = sum(1 for key in part.keys if (not meta or key.meta == meta) and scheme in (None, key.scheme))
                yield from rules.named(rule, found == count, f"{kind} has {count} Key {meta} {scheme or ''}", None, part.element)
            once = all(seen[combination] == 1 for combination in product(*(_of(part, meta) for meta in metas)))
            yield from rules.named(number, once, f"{kind} of these keys stands more than once", None, part.element)


def _of(part: Part, meta: str) -> list[tuple[str, str]]:
    """Scheme and value of the keys that parts are told apart by."""
    scheme = _METAS[meta]
    return [(key.scheme, key.value) for key in (part.of("CC", scheme) if scheme else part.of(meta))]


def _is_country(key: Key, more: Iterable[str] = ()) -> bool:
    return is_country(key.value) or key.value in more
