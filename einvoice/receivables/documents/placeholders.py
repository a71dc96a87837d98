"""Which placeholders a sentence may name: what the comments in the words say, as data."""

from __future__ import annotations

from functools import lru_cache

PARTY = frozenset({"creditor", "legal_id", "phone", "email", "reach", "iban", "bic", "debtor", "name", "first_name"})
PAGES = frozenset({"pay_link", "portal_link", "link", "code"})
INVOICES = frozenset({"about", "number", "reference", "due"})
AMOUNTS = frozenset({"total", "principal", "within"})
EVERY = PARTY | PAGES | INVOICES | AMOUNTS
_TASK = frozenset({"name", "debtor", "about", "total", "due", "step", "because", "handover", "phone", "reach_of", "channel", "reason"})

_NONE: frozenset[str] = frozenset()
_TABLES: dict[tuple[str, ...], frozenset[str]] = {
    ("about",): PARTY | PAGES | {"number", "count"},
    ("within",): PARTY | PAGES,
    ("columns",): _NONE,
    ("words",): _NONE,
    ("words", "announced_vat"): frozenset({"amount", "vat"}),
    ("words", "description"): frozenset({"what", "number", "issued", "due"}),
    ("words", "description_without_what"): frozenset({"number", "issued", "due"}),
    ("charge",): frozenset({"number", "until"}),
    ("frame",): PARTY | PAGES,
    ("frame", "payment"): EVERY,
    ("frame", "contact"): PARTY | PAGES,
    ("links",): PARTY | PAGES | {"total"},
    ("links", "portal"): PARTY | PAGES,
    ("notice",): EVERY | {"announced", "description", "starts"},
    ("contents",): EVERY | {"description"},
    ("agreement",): EVERY | {"on", "amount", "by", "paid"},
    ("spoken", "hello"): PARTY | PAGES,
    ("spoken", "phone"): PARTY | PAGES,
    ("script", "hello"): PARTY | PAGES,
    ("script", "bye"): PARTY | PAGES,
    ("statement",): PARTY | PAGES | {"number", "reference", "total", "since", "until", "balance"},
    ("plan",): PARTY | PAGES | INVOICES | {"total", "count", "first_due", "last_due", "grace"},
    ("thank_you",): PARTY | PAGES | INVOICES | {"amount", "on"},
    ("prenotice",): PARTY | PAGES | INVOICES | {"amount", "mandate", "creditor_id", "account"},
    ("handover",): PARTY | {"handover"},
    ("task",): _TASK,
}
SWITCHES = frozenset({"owed"})
"""What a `_without_` may ask for besides placeholders: whether anything is owed."""


@lru_cache(maxsize=4096)
def allowed(path: tuple[str, ...]) -> frozenset[str]:
    """The placeholders that the sentence at a path may name; those of a voice are those of the sentence it replaces."""
    bare = path[2:] if path[:1] == ("voice",) else path
    name = bare[-1].partition("_without_")[0] if bare else ""
    for each in (bare, (*bare[:-1], name), bare[:1]):
        if each in _TABLES:
            return _TABLES[each]
    return EVERY
