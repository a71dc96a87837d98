"""The checks of `einvoice doctor` for the Peppol network: who we are and how long yet, who is trusted, for whom we receive, and where."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from einvoice.errors import CertificateError, EInvoiceError

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

    from einvoice.cli.examination import Check
    from einvoice.settings.peppol import Peppol

SOON = timedelta(days=60)
"""A new certificate takes weeks to get: so long before the end somebody is told."""
_TRUST = "`einvoice peppol trust install --from FILE`"


def used(settings: Peppol) -> bool:
    """Whether there is, or shall be, an access point of our own."""
    return settings.certificate is not None or settings.trust is not None or settings.url is not None or bool(settings.participants)


def network(settings: Peppol, now: datetime) -> Iterator[Check]:
    """All that can be looked at without asking the network."""
    yield from identity(settings, now)
    yield from trust(settings, now)
    yield from participants(settings)
    yield from address(settings)
    yield from folders(settings)


def identity(settings: Peppol, now: datetime) -> Iterator[Check]:
    """Our certificate and key: that they fit, are trusted, and until when."""
    from einvoice_peppol.pki import identity_files

    if settings.certificate is None:
        hosted = settings.via != "as4"
        mend = "" if hosted else "name its file in [peppol] certificate, or a hosted access point in [peppol] via"
        yield _check("ok" if hosted else "warn", f"no certificate of our own: what is sent goes by {settings.via}", mend)
        return
    try:
        own = identity_files.stated(settings)
    except EInvoiceError as fault:
        yield _check("fail", str(fault))
        return
    yield from _expiry(f"our certificate, seat {own.seat},", own.certificate, now, "order a new one from OpenPeppol's PKI")
    yield from _exposed(settings)
    yield from _trusted(settings, own.certificate)


def trust(settings: Peppol, now: datetime) -> Iterator[Check]:
    """The anchors: whether there is one for every role, and until when."""
    from einvoice_peppol.pki import anchors
    from einvoice_peppol.pki.identity import common_name

    if settings.trust is None:
        yield _check("warn", "no folder of trust anchors is named: nobody is trusted", f"write [peppol] trust = FOLDER, then {_TRUST}")
        return
    try:
        found = anchors.read(settings.trust, settings.network)
    except CertificateError as fault:
        yield _check("fail", str(fault))
        return
    for role in anchors.ROLES:
        if not any(anchor.role == role for anchor in found):
            yield _check("fail", f"no anchor is installed for {role} in the {settings.network} network", _TRUST)
    for anchor in found:
        yield from _expiry(f"the anchor {common_name(anchor.certificate)!r}", anchor.certificate, now, _TRUST)
    if settings.revocation != "required" and settings.network == "production":
        mend = 'write [peppol] revocation = "required"'
        yield _check("warn", "certificates count while nobody can say whether they were revoked", mend)


def participants(settings: Peppol) -> Iterator[Check]:
    """Those that we receive for: whether they are what they should be."""
    from einvoice_peppol.identifiers import participants as known

    for text in settings.participants:
        try:
            known.parse(text)
        except EInvoiceError as fault:
            yield _check("fail", f"[peppol] participants: {fault}")
    if settings.participants:
        yield _check("ok", f"we receive for {len(settings.participants)} participants in the {settings.network} network")
    elif settings.url is not None:
        yield _check("warn", "messages may come, and we receive for nobody", 'write [peppol] participants = ["0208:…"]')


def address(settings: Peppol) -> Iterator[Check]:
    """The address that we are registered with, as far as it can be judged from here."""
    if settings.url is None:
        if settings.participants:
            yield _check("warn", "nobody knows where we receive", "write [peppol] url = https://…/as4, as it stands in the SMP")
        return
    if urlsplit(settings.url).scheme != "https":
        level = "fail" if settings.network == "production" else "ok"
        yield _check(
            level, f"{settings.url} is reached from this machine alone", "an access point is reached over https" * (level == "fail")
        )
    else:
        yield _check("ok", f"others send to {settings.url}")


def folders(settings: Peppol) -> Iterator[Check]:
    """Whether large bodies can be kept, and what came be handed over."""
    for name, folder in (("spool", settings.spool), ("inbox", settings.inbox)):
        if folder is not None:
            yield _writable(name, folder)


def _expiry(what: str, certificate: Certificate, now: datetime, mend: str) -> Iterator[Check]:
    since, until = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if now < since:
        yield _check("fail", f"{what} is not valid before {since:%Y-%m-%d}", mend)
    elif now > until:
        yield _check("fail", f"{what} has expired on {until:%Y-%m-%d}", mend)
    elif until - now <= SOON:
        yield _check("warn", f"{what} expires in {(until - now).days} days, on {until:%Y-%m-%d}", mend)
    else:
        yield _check("ok", f"{what} is valid until {until:%Y-%m-%d}")


def _exposed(settings: Peppol) -> Iterator[Check]:
    from einvoice_peppol.pki.identity_files import is_exposed

    path = settings.key or settings.certificate
    if path is not None and is_exposed(path):
        yield _check("warn", f"others than its owner may read the key in {path}", f"chmod 600 '{path}'")


def _trusted(settings: Peppol, certificate: Certificate) -> Iterator[Check]:
    """Whether those who trust what we trust would trust us, revocation aside: nobody is asked here."""
    from einvoice_peppol.pki import anchors, trusting

    if settings.trust is None:
        return
    try:
        trusting.Trusting(anchors.read(settings.trust, settings.network), None).chain(certificate, "ap")
    except CertificateError as fault:
        yield _check("fail", f"our own certificate is not trusted in the {settings.network} network: {fault}", _TRUST)


def _writable(name: str, folder: Path) -> Check:
    if not folder.exists():
        return _check("ok", f"{name}: {folder} is made when it is first needed")
    try:
        with tempfile.TemporaryFile(dir=folder):
            return _check("ok", f"{name}: {folder} can be written to")
    except OSError as fault:
        return _check("fail", f"{name}: {folder}: {fault.strerror}", f"mkdir -p '{folder}', or let this user write there")


def _check(level: str, text: str, mend: str = "") -> Check:
    from einvoice.cli.examination import Check

    return Check("peppol", level, text, mend)
