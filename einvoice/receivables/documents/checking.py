"""Checks words and layouts against a policy, the law and the creditors there are."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

from sqlalchemy import Connection, or_, select

from einvoice.receivables.documents import forms, templates_check, templates_needs
from einvoice.receivables.documents.templates import load, require
from einvoice.receivables.documents.templates_needs import Known
from einvoice.receivables.law.laws import Laws
from einvoice.receivables.paying import links
from einvoice.receivables.policy.finding import Finding
from einvoice.receivables.policy.model import Policy
from einvoice.receivables.store.tables import CREDITORS, DEBTORS, INVOICES

UNUSABLE = frozenset({"toml", "unreadable", "braces"})
"""Findings that keep the templates from being used at all."""
CODES = (
    "unknown-file", "unreadable", "toml", "unknown-key", "wrong-type", "braces", "placeholder-form", "unknown-placeholder", "missing-key",
    "too-long", "unknown-document", "unknown-voice", "unknown-content", "unknown-language", "unknown-notice", "missing-field",
    "broken",
)  # fmt: skip
"""What `check` finds in words; the layouts have codes of their own."""


def check(
    folder: Path | None,
    policy: Policy,
    law: Laws,
    known: Known | None = None,
    *,
    source: str | None = None,
    countries: Collection[str] | None = None,
) -> tuple[Finding, ...]:
    """Everything that is amiss with the templates of a folder (None: those of this release) for a policy; empty where nothing is.

    `source` names the policy's file; `countries` are those of consumers and companies there are, None for all whose law is known.
    Raises ReceivablesError where the folder is not there.
    """
    if folder is not None:
        require(folder)
    found = [*templates_check.words(folder)]
    if not UNUSABLE & {finding.code for finding in found}:
        found += forms.check(folder) if folder is not None else ()
        found += _used(folder, policy, law, known or Known(), source, countries)
    return tuple(found)


def _used(
    folder: Path | None, policy: Policy, law: Laws, known: Known, source: str | None, countries: Collection[str] | None
) -> Iterator[Finding]:
    made = load(folder)
    wanted = notices(law, countries)
    asked = [*templates_needs.asked(policy, made, source), *templates_needs.notices(made, wanted)]
    yield from asked
    if not asked:
        yield from templates_needs.fields(made, policy, wanted, known)
    yield from templates_needs.voiced(made)


def notices(law: Laws, countries: Collection[str] | None = None) -> frozenset[str]:
    """The statutory notices that the law of some countries gives, of all unless told."""
    packs = (pack for country, pack in law.packs.items() if countries is None or country in countries)
    return frozenset(debtors.notice.id for pack in packs for debtors in pack.debtors.values() if debtors.notice is not None)


def known(connection: Connection, portal: str | None, pages: str | None) -> tuple[Known, frozenset[str]]:
    """What an installation knows: its creditors, whether any invoice says what was bought; and the countries of its debtors.

    `portal` and `pages` are the settings [receivables] portal_url and [hooks] url.
    """
    creditors = {row.key: row._asdict() for row in connection.execute(select(CREDITORS).order_by(CREDITORS.c.key))}
    what = select(INVOICES.c.id).where(or_(INVOICES.c.product.is_not(None), INVOICES.c.category.is_not(None))).limit(1)
    described = connection.scalar(what) is not None or connection.scalar(select(INVOICES.c.id).limit(1)) is None
    countries = frozenset(connection.scalars(select(DEBTORS.c.country).distinct()))
    return Known(creditors, described, portal, links.url(pages, "a" * 32) if pages else None), countries
