"""Whether a certificate was revoked: OCSP is asked first, then the revocation list; answers are kept for a while.

Under the policy `required` a certificate counts only while somebody says that it is not revoked. Under `where_reachable` it counts, too,
while nobody can be reached; whoever is reached and answers wrongly (another's signature, out of date, a certificate that is unknown)
is no reason to trust it under either. Addresses are those of certificates whose signature by an installed CA was verified before.
"""

from __future__ import annotations

import secrets
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Lock

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256

from einvoice.errors import CertificateError, NotChecked, TransportError
from einvoice_peppol.http import Http
from einvoice_peppol.pki import ocsp, revocation_lists
from einvoice_peppol.pki.identity import common_name
from einvoice_peppol.pki.statements import Stated, Unanswered

REQUIRED, WHERE_REACHABLE = "required", "where_reachable"
TIMEOUT = 10.0
"""Seconds for each step of asking: a message waits for the answer."""
AGAIN = timedelta(minutes=1)
"""After a failure nobody is asked about the same certificate, nor at an address that did not answer, for so long."""
_CERTIFICATES, _LISTS, _ADDRESSES = 2_000, 4, 3
_Way = Callable[[str, x509.Certificate, x509.Certificate, datetime], Stated]


class Revocation:
    """Asks, and remembers. Many threads may share one; they ask one after another."""

    def __init__(self, http: Http, policy: str = REQUIRED, timeout: float = TIMEOUT) -> None:
        self._http = http
        self.policy = policy
        self._timeout = timeout
        self._lock = Lock()
        self._asking = Lock()
        self._known: OrderedDict[bytes, tuple[datetime, datetime, Stated | Unanswered]] = OrderedDict()
        self._silent: OrderedDict[str, tuple[datetime, datetime]] = OrderedDict()
        self._lists: OrderedDict[tuple[str, bytes], tuple[datetime, datetime, x509.CertificateRevocationList]] = OrderedDict()

    def check(self, certificate: x509.Certificate, issuer: x509.Certificate, now: datetime, *, is_anchor: bool = False) -> None:
        """Whether a certificate, whose signature by the issuer was verified, still counts.

        An anchor counts because a person installed it: it is asked about where it says whom to ask. Raises CertificateError.
        """
        if is_anchor and not (ocsp.addresses(certificate) or revocation_lists.addresses(certificate)):
            return
        found = self._remembered(certificate, now)
        if found is None:
            with self._asking:
                found = self._remembered(certificate, now) or self._ask(certificate, issuer, now)
        if isinstance(found, Unanswered):
            if self.policy != WHERE_REACHABLE or found.reached:
                raise NotChecked(f"whether the certificate of {_called(certificate)} was revoked could not be checked: {found}")
        elif found.is_revoked:
            since = f" on {found.since:%Y-%m-%d}" if found.since else ""
            reason = f" ({found.reason})" if found.reason else ""
            raise CertificateError(f"the certificate of {_called(certificate)} was revoked{since}{reason}")

    def _remembered(self, certificate: x509.Certificate, now: datetime) -> Stated | Unanswered | None:
        with self._lock:
            since, until, found = self._known.get(_key(certificate), (None, None, None))
        return found if since is not None and until is not None and since <= now < until else None

    def _ask(self, certificate: x509.Certificate, issuer: x509.Certificate, now: datetime) -> Stated | Unanswered:
        found: Stated | Unanswered
        try:
            found = self._asked(certificate, issuer, now)
        except Unanswered as fault:
            found = fault
        until = now + AGAIN if isinstance(found, Unanswered) else found.until
        with self._lock:
            _keep(self._known, _key(certificate), (now, until, found), _CERTIFICATES)
        return found

    def _asked(self, certificate: x509.Certificate, issuer: x509.Certificate, now: datetime) -> Stated:
        faults = []
        for way, urls in ((self._by_ocsp, ocsp.addresses(certificate)), (self._by_list, revocation_lists.addresses(certificate))):
            for url in urls[:_ADDRESSES]:
                try:
                    return self._of(url, way, certificate, issuer, now)
                except Unanswered as fault:
                    faults.append(fault)
        words = "; ".join(map(str, faults)) or "it names neither an OCSP responder nor a revocation list"
        raise Unanswered(words, reached=any(fault.reached for fault in faults))

    def _of(self, url: str, way: _Way, certificate: x509.Certificate, issuer: x509.Certificate, now: datetime) -> Stated:
        """One address asked, unless it was silent a moment ago: then every message would wait for it."""
        since, until = self._silent.get(url, (now, now))
        if since <= now < until:
            raise Unanswered(f"{url} did not answer a moment ago", reached=False)
        try:
            return way(url, certificate, issuer, now)
        except Unanswered as fault:
            if not fault.reached:
                _keep(self._silent, url, (now, now + AGAIN), _CERTIFICATES)
            raise

    def _by_ocsp(self, url: str, certificate: x509.Certificate, issuer: x509.Certificate, now: datetime) -> Stated:
        nonce = secrets.token_bytes(ocsp.NONCE)
        asked = ocsp.request(certificate, issuer, nonce)
        return ocsp.read(self._fetched("POST", url, asked, ocsp.MOST), certificate, issuer, nonce, now)

    def _by_list(self, url: str, certificate: x509.Certificate, issuer: x509.Certificate, now: datetime) -> Stated:
        key = (url, issuer.fingerprint(SHA256()))
        since, until, found = self._lists.get(key, (now, now, None))
        if found is None or not since <= now < until:
            found = revocation_lists.read(self._fetched("GET", url, None, revocation_lists.MOST), url, issuer, now)
            until = min(found.next_update_utc or now, now + revocation_lists.KEPT)
            _keep(self._lists, key, (now, until, found), _LISTS)
        return revocation_lists.stated(found, certificate, now)

    def _fetched(self, method: str, url: str, body: bytes | None, most: int) -> bytes:
        headers = {"content-type": "application/ocsp-request"} if body else {}
        try:
            answer = self._http.call(method, url, headers=headers, body=body, timeout=self._timeout, most=most)
        except TransportError as fault:
            raise Unanswered(str(fault), reached=False) from None
        if answer.status != 200:
            raise Unanswered(f"{url} answers with status {answer.status}", reached=False)
        return answer.body


def _keep(known: OrderedDict, key: object, value: object, most: int) -> None:  # type: ignore[type-arg]
    known[key] = value
    known.move_to_end(key)
    while len(known) > most:
        known.popitem(last=False)


def _key(certificate: x509.Certificate) -> bytes:
    return certificate.fingerprint(SHA256())


def _called(certificate: x509.Certificate) -> str:
    return repr(common_name(certificate)[:80])
