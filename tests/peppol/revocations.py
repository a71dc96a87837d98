"""A network whose certificates name a responder, and every answer of it that must not count."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from cryptography import x509

from einvoice.errors import CertificateError
from einvoice_peppol.http import Client
from einvoice_peppol.pki import testing
from einvoice_peppol.pki.answering import Saying
from einvoice_peppol.pki.identity import Identity, Trust
from einvoice_peppol.pki.revocation import REQUIRED, Revocation
from einvoice_peppol.pki.testing import TestNetwork
from tests.peppol import responder
from tests.peppol.responder import Responder

DAY, SECOND = timedelta(days=1), timedelta(seconds=1)


class Here:
    """A network whose certificates name a responder."""

    def __init__(self, said: Responder) -> None:
        self.said = said
        self.network = self.made()
        said.serves(self.network)
        said.now = lambda: self.network.now
        self.http = Client(plain=True)

    def made(self, *, ocsp: bool = True, crl: bool = True) -> TestNetwork:
        return testing.network(ocsp=self.said.ocsp_url if ocsp else None, crl=self.said.crl_url if crl else None)

    def trust(self, policy: str = REQUIRED) -> Trust:
        return self.network.trust(Revocation(self.http, policy, timeout=1.0))

    def accepts(self, policy: str = REQUIRED, leaf: Identity | None = None) -> bool:
        """Whether a seat is trusted by somebody who has heard nothing yet."""
        try:
            self.trust(policy).check((leaf or self.network.access_point()).certificate, "ap", self.network.now)
        except CertificateError:
            return False
        return True


@contextmanager
def standing() -> Iterator[Here]:
    """A network and its responder."""
    with responder.running() as said:
        made = Here(said)
        try:
            yield made
        finally:
            made.http.close()


WRONG: dict[str, Callable[[Here], Saying]] = {
    "by somebody else": lambda _: Saying(signer=testing.network(name="other").ap_ca),
    "by the seat itself": lambda here: Saying(signer=here.network.access_point(), shown=(here.network.access_point().certificate,)),
    "by another CA": lambda here: Saying(signer=here.network.smp_ca, shown=(here.network.smp_ca.certificate,)),
    "out of date": lambda _: Saying(since=-2 * DAY, until=-SECOND),
    "without an end, and old": lambda _: Saying(since=-DAY - 2 * SECOND, until=None),
    "of the future": lambda _: Saying(since=DAY, until=2 * DAY),
    "upside down": lambda _: Saying(since=2 * SECOND, until=SECOND),
    "unknown": lambda _: Saying(status="unknown"),
    "of another certificate": lambda _: Saying(serial=4711),
    "of another issuer": lambda here: Saying(issuer=here.network.smp_ca.certificate),
    "to another question": lambda _: Saying(nonce=b"x" * 32),
}
"""OCSP answers that must not count."""
LISTS: dict[str, Callable[[Here], Saying]] = {
    "by somebody else": lambda _: Saying(signer=testing.network(name="other").ap_ca),
    "by another CA": lambda here: Saying(issuer=here.network.smp_ca.certificate),
    "out of date": lambda _: Saying(since=-2 * DAY, until=-SECOND),
    "of the future": lambda _: Saying(since=DAY, until=2 * DAY),
}
"""Revocation lists that must not count."""
PARTS: dict[str, x509.ExtensionType] = {
    "changes only": x509.DeltaCRLIndicator(1),
    "unknown": x509.UnrecognizedExtension(x509.ObjectIdentifier("2.25.77"), b"\x05\x00"),
    "another part": x509.IssuingDistributionPoint(
        [x509.UniformResourceIdentifier("http://other.example/a.crl")], None, False, False, None, False, False
    ),
    "CAs": x509.IssuingDistributionPoint(None, None, False, True, None, False, False),
    "indirect": x509.IssuingDistributionPoint(None, None, False, False, None, True, False),
    "one reason": x509.IssuingDistributionPoint(None, None, False, False, frozenset({x509.ReasonFlags.superseded}), False, False),
}
"""Extensions of lists that say nothing of a seat."""
