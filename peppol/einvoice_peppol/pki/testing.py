"""A PKI to test with, made as Peppol's G3 is: a root, a CA of access points, a CA of SMPs, certificates of seats; faults on request.

What it mirrors (certificates of the G3 CAs as OpenPeppol distributes them since January 2025): the names, of the test network's CAs;
CAs with path length 1 below a root without; key usages; `http` addresses of an OCSP responder and a CRL. Keys are RSA-2048 unless told
(the real CAs have 4096 bits), because tests wait for them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from cryptography.x509.oid import ExtendedKeyUsageOID

from einvoice_peppol.pki import making
from einvoice_peppol.pki.identity import Identity
from einvoice_peppol.pki.making import Plan

if TYPE_CHECKING:
    from einvoice_peppol.pki.identity import Trust
    from einvoice_peppol.pki.revocation import Revocation

ROOT, AP_CA, SMP_CA = "PEPPOL Root TEST CA", "PEPPOL ACCESS POINT TEST CA", "PEPPOL SERVICE METADATA PUBLISHER TEST CA"
_NAMES = {"country": "BE", "organisation": "OpenPEPPOL AISBL", "unit": "FOR TEST ONLY"}
_CA: dict[str, Any] = {"is_ca": True, "usage": making.CA_USAGE, "purposes": None, **_NAMES}


@dataclass(frozen=True, slots=True)
class TestNetwork:
    """The CAs of a network for tests; `now` is the moment from which validity is reckoned.

    `ocsp` is the address of a responder for all CAs, `crl` the one below which `root.crl`, `ap.crl` and `smp.crl` are.
    """

    __test__: ClassVar[bool] = False

    name: str
    root: Identity
    ap_ca: Identity
    smp_ca: Identity
    now: datetime
    size: int = 2048
    ocsp: str | None = None
    crl: str | None = None

    def access_point(self, seat: str = "PNL000001", country: str = "NL", fault: str | None = None, **faults: Any) -> Identity:
        """An access point: its certificate, valid two years, and key; with a fault by its name (FAULTS), or fields of Plan altered.

        `issuer` among them is the Identity that signs.
        """
        return self._leaf(seat, "ap", fault, {"country": country, **faults})

    def smp(self, name: str = "PNL000901", country: str = "NL", fault: str | None = None, **faults: Any) -> Identity:
        """An SMP, likewise."""
        return self._leaf(name, "smp", fault, {"country": country, **faults})

    def trust(self, revocation: Revocation | None = None) -> Trust:
        """Who trusts this network's CAs and no other; nobody is asked about revocation unless told."""
        from einvoice_peppol.pki import anchors, trusting  # noqa: PLC0415 - makers of certificates need no judge

        found = [anchors.Anchor(one.certificate, role) for one, role in ((self.root, "root"), (self.ap_ca, "ap"), (self.smp_ca, "smp"))]
        return trusting.Trusting(tuple(found), revocation)

    def _leaf(self, name: str, role: str, fault: str | None, given: dict[str, Any]) -> Identity:
        altered = {**(FAULTS[fault](self) if fault else {}), **given}
        issuer = altered.pop("issuer", self.ap_ca if role == "ap" else self.smp_ca)
        since, unit = self.now - timedelta(days=1), f"PEPPOL TEST {role.upper()}"
        said = {"ocsp": self.ocsp, "crl": self.crl and f"{self.crl}/{role}.crl", "size": self.size, **altered}
        plan = Plan((name,), since, making.years(since, 2), unit=unit)._replace(**said)
        return making.identity(plan, f"{self.name}/{unit}/{name}", issuer)


def network(
    folder: Path | None = None,
    *,
    name: str = "test",
    size: int = 2048,
    now: datetime | None = None,
    generation: str = "G3",
    ocsp: str | None = None,
    crl: str | None = None,
) -> TestNetwork:
    """A network of CAs. Two of the same `name` share their keys within a process; of another, they have only the CAs' names in common.

    `folder` keeps it in files: what is there is read, what is not is made. For `ocsp` and `crl` see TestNetwork; `size` is in bits.
    """
    if folder is not None:
        from einvoice_peppol.pki import testing_files  # noqa: PLC0415 - most tests keep none

        return testing_files.kept(folder, lambda: network(name=name, size=size, now=now, generation=generation, ocsp=ocsp, crl=crl))
    moment = (now or datetime.now(UTC)).replace(microsecond=0)
    since = moment - timedelta(days=300)

    def authority(called: str, issuer: Identity | None, length: int | None) -> Identity:
        until = making.years(since, 10) - timedelta(days=1 if issuer else 0)
        said: dict[str, Any] = {"ocsp": ocsp, "crl": crl and f"{crl}/root.crl"} if issuer else {}
        plan = Plan((f"{called} - {generation}",), since, until, size=size, length=length)._replace(**_CA, **said)
        return making.identity(plan, f"{name}/{generation}/{called}", issuer)

    root = authority(ROOT, None, None)
    return TestNetwork(name, root, authority(AP_CA, root, 1), authority(SMP_CA, root, 1), moment, size, ocsp, crl)


FAULTS: dict[str, Any] = {
    "expired": lambda net: {"since": making.years(net.now, -3), "until": net.now - timedelta(seconds=1)},
    "not yet valid": lambda net: {"since": net.now + timedelta(hours=1), "until": making.years(net.now, 2)},
    "no key usage": lambda _: {"usage": None},
    "key usage without signature": lambda _: {"usage": ("key_encipherment", "data_encipherment")},
    "key usage of a CA": lambda _: {"usage": (*making.LEAF_USAGE, "key_cert_sign")},
    "no extended key usage": lambda _: {"purposes": None},
    "extended key usage of a server": lambda _: {"purposes": (ExtendedKeyUsageOID.SERVER_AUTH,)},
    "any extended key usage": lambda _: {"purposes": (ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE,)},
    "a CA": lambda _: {"is_ca": True},
    "CA of another network": lambda net: {"issuer": network(name=f"not {net.name}", now=net.now).ap_ca},
    "CA of generation G2": lambda net: {"issuer": network(name=net.name, now=net.now, generation="G2").ap_ca},
    "issued by the root": lambda net: {"issuer": net.root},
    "issued by a seat": lambda net: {"issuer": net.access_point("PNL000777")},
    "issued by itself": lambda _: {"issuer": None},
    "forged signature": lambda _: {"forged": True},
    "SHA-1 signature": lambda _: {"sha1": True},
    "weak key": lambda _: {"size": 1024},
    "exponent 3": lambda _: {"exponent": 3},
    "unknown critical extension": lambda _: {"unknown": True},
    "no CN": lambda _: {"names": ()},
    "two CNs": lambda _: {"names": ("PNL000001", "PNL000002")},
    "CN of a host": lambda _: {"names": ("ap.example.com",)},
    "CN in small letters": lambda _: {"names": ("pnl000001",)},
    "CN with more behind it": lambda _: {"names": ("PNL000001\n",)},
}
"""What can be wrong with a leaf certificate: the fields of Plan that it alters, for a network."""
