"""Who is trusted: a seat whose certificate a CA of its role signed, below an installed root, valid and not revoked at the moment.

The chain has one shape: root, CA, seat. The CA must be installed for the role that is asked for, the root for the network; CAs that come
with a message are never looked at. So a seat of an SMP is no access point, and nothing of the test network is trusted in production.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import NamedTuple

from cryptography import x509

from einvoice.errors import CertificateError
from einvoice.settings.peppol import Peppol
from einvoice_peppol.http import Client, Http
from einvoice_peppol.pki import anchors, judging
from einvoice_peppol.pki.anchors import Anchor
from einvoice_peppol.pki.identity import common_name
from einvoice_peppol.pki.revocation import TIMEOUT, Revocation

_KEPT = 1_000


class Chain(NamedTuple):
    """What does not change about a trusted certificate: its seat, and who signed whom."""

    seat: str
    certificate: x509.Certificate
    authority: x509.Certificate
    root: x509.Certificate


class Trusting:
    """Judges certificates by installed anchors; without `revocation` nobody is asked, which only tests of other things do."""

    def __init__(self, installed: Sequence[Anchor], revocation: Revocation | None) -> None:
        self._anchors = tuple(installed)
        self._revocation = revocation
        self._lock = Lock()
        self._known: OrderedDict[tuple[str, str], Chain] = OrderedDict()

    @judging.guarded
    def check(self, certificate: x509.Certificate, role: str, now: datetime) -> str:
        """See Trust."""
        chain = self.chain(certificate, role)
        for one in (chain.certificate, chain.authority, chain.root):
            judging.valid_at(one, now)
        if self._revocation is not None:
            self._revocation.check(chain.authority, chain.root, now, is_anchor=True)
            self._revocation.check(chain.certificate, chain.authority, now)
        return chain.seat

    @judging.guarded
    def chain(self, certificate: x509.Certificate, role: str) -> Chain:
        """The chain of a certificate to an anchor of a role, whatever the moment and whoever revoked it.

        Raises CertificateError.
        """
        if role not in (anchors.ACCESS_POINTS, anchors.SMPS):
            raise CertificateError(f"nobody is trusted as {role!r}; a role is {anchors.ACCESS_POINTS!r} or {anchors.SMPS!r}")
        key = (role, anchors.fingerprint(certificate))
        with self._lock:
            found = self._known.get(key)
        if found is None:
            found = self._built(certificate, role)
            with self._lock:
                self._known[key] = found
                while len(self._known) > _KEPT:
                    self._known.popitem(last=False)
        return found

    def _built(self, certificate: x509.Certificate, role: str) -> Chain:
        judging.leaf(certificate, role)
        seat = judging.seat(certificate)
        authority = self._issuer(certificate, role)
        judging.authority(authority)
        root = self._issuer(authority, anchors.ROOT)
        judging.authority(root, below=1)
        judging.signed_by(root, root)
        return Chain(seat, certificate, authority, root)

    def _issuer(self, certificate: x509.Certificate, role: str) -> x509.Certificate:
        """The anchor of a role that signed a certificate: a CA that renewed its key has several certificates of one name."""
        faults = []
        for issuer in anchors.issuers(self._anchors, role, certificate):
            try:
                judging.signed_by(certificate, issuer)
            except CertificateError as fault:
                faults.append(str(fault))
            else:
                return issuer
        name = common_name(certificate)[:80]
        said = certificate.issuer.rfc4514_string()[:200]
        raise CertificateError("; ".join(faults) or f"{name!r} was issued by {said}, which is no trusted anchor for {role!r}")


def load(settings: Peppol, http: Http) -> Trusting:
    """Who is trusted in the network of the settings, by what is installed in their folder `trust`, and their policy of revocation.

    `http` asks OCSP responders and fetches lists; a real client is replaced by one of its own, which may ask over http, because their
    answers are signed, and which no other thread uses. Raises CertificateError where nothing is installed.
    """
    installed = anchors.read(folder(settings), settings.network)
    lacking = [role for role in anchors.ROLES if not any(anchor.role == role for anchor in installed)]
    if lacking:
        raise CertificateError(
            f"no trust anchors are installed for {', '.join(lacking)} in the {settings.network} network; "
            f"`einvoice peppol trust install --from FILE --network {settings.network}` installs them"
        )
    carrier = Client(plain=True) if isinstance(http, Client) else http
    return Trusting(installed, Revocation(carrier, settings.revocation, min(TIMEOUT, float(settings.timeout))))


def folder(settings: Peppol) -> Path:
    """The folder of the anchors.

    Raises CertificateError where the settings name none.
    """
    if settings.trust is None:
        raise CertificateError("no folder of trust anchors is named; write [peppol] trust = FOLDER, then `einvoice peppol trust install`")
    return settings.trust
