"""Counts of a month: transactions by transport, provider, document type and countries; distinct end users by type and country."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import NamedTuple, TypeAlias

from einvoice_peppol.identifiers.countries import is_country
from einvoice_peppol.reporting.exchanges import Exchanges

UNKNOWN = "ZZ"
"""The country of a sender elsewhere whose document states none, or one that does not exist; the transaction report alone allows it."""
TRANSPORT = "peppol-transport-as4-v2_0"


class Key(NamedTuple):
    """A key of a part: its meta scheme (SP, DT, PR, CC, TP), its scheme, its value."""

    meta: str
    scheme: str
    value: str


Keys: TypeAlias = tuple[Key, ...]


class Transactions(NamedTuple):
    """Counts of a transaction report: incoming and outgoing, in all and by type and keys, in the order of the report."""

    total: tuple[int, int]
    parts: tuple[tuple[str, Keys, tuple[int, int]], ...]


class Users(NamedTuple):
    """Counts of an end user report: sending, receiving, either; in all and by type and keys, in the order of the report."""

    total: tuple[int, int, int]
    parts: tuple[tuple[str, Keys, tuple[int, int, int]], ...]


def transactions(found: Iterable[Exchanges]) -> Transactions:
    """The counts of a transaction statistics report (TSR 1.0, chapter 3)."""
    counts: Counter[tuple[str, Keys, bool]] = Counter()
    total: Counter[bool] = Counter()
    for each in found:
        total[each.incoming] += each.number
        for kind, keys in _transaction_parts(each):
            counts[kind, keys, each.incoming] += each.number
    order = {"PerTP": 0, "PerSP-DT-PR": 1, "PerSP-DT-PR-CC": 2}
    parts = sorted({(kind, keys) for kind, keys, _ in counts}, key=lambda part: (order[part[0]], part[1]))
    return Transactions(
        (total[True], total[False]),
        tuple((kind, keys, (counts[kind, keys, True], counts[kind, keys, False])) for kind, keys in parts),
    )


def _transaction_parts(each: Exchanges) -> Iterable[tuple[str, Keys]]:
    yield "PerTP", (Key("TP", "Peppol", TRANSPORT),)
    keys = (Key("SP", "CertSubjectCN", each.provider), *_document(each))
    yield "PerSP-DT-PR", keys
    if each.incoming:  # only the receiving side knows both countries
        sender = Key("CC", "SenderCountry", _stated(each.other_country))
        yield "PerSP-DT-PR-CC", (*keys, sender, Key("CC", "ReceiverCountry", each.country))


def _stated(country: str | None) -> str:
    return country if country and is_country(country) else UNKNOWN


def users(found: Iterable[Exchanges]) -> Users:
    """The counts of an end user statistics report (EUSR 1.1, chapter 3); level statuses are between providers and not counted.

    An end user is taken to have one participant identifier.
    """
    sending: defaultdict[tuple[str, Keys], set[str]] = defaultdict(set)
    receiving: defaultdict[tuple[str, Keys], set[str]] = defaultdict(set)
    for each in found:
        if each.kind != "mls":
            for part in _user_parts(each):
                (receiving if each.incoming else sending)[part].add(each.user)
    order = {"": -1, "PerEUC": 0, "PerDT-EUC": 1, "PerDT-PR": 2, "PerDT-PR-EUC": 3}
    parts = sorted({*sending, *receiving}, key=lambda part: (order[part[0]], part[1]))
    counted = {part: (len(sending[part]), len(receiving[part]), len(sending[part] | receiving[part])) for part in parts}
    return Users(counted.pop(("", ()), (0, 0, 0)), tuple((kind, keys, numbers) for (kind, keys), numbers in counted.items()))


def _user_parts(each: Exchanges) -> Iterable[tuple[str, Keys]]:
    document, process = _document(each)
    country = Key("CC", "EndUserCountry", each.country)
    yield "", ()
    yield "PerEUC", (country,)
    yield "PerDT-EUC", (document, country)
    yield "PerDT-PR", (document, process)
    yield "PerDT-PR-EUC", (document, process, country)


def _document(each: Exchanges) -> tuple[Key, Key]:
    return Key("DT", each.document.scheme, each.document.value), Key("PR", each.process.scheme, each.process.value)
