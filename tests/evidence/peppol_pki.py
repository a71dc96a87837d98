"""Trust: every certificate that must not count, every answer about one, what is installed, and OpenSSL's opinion."""

from __future__ import annotations

import contextlib
import io
import os
import random
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.evidence import Figure, NotMeasured, figure, scaled

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

    from einvoice_peppol.http import Client
    from einvoice_peppol.pki.identity import Identity, Trust
    from einvoice_peppol.pki.testing import TestNetwork
    from tests.peppol.revocations import Here

_POLICIES = ("required", "where_reachable")
_Prepare = Callable[["Here"], "Identity | None"]


@figure("pki-faults", bar="every fault in either role is refused with its reason, what is sound is trusted", item=5)
def pki_faults() -> Figure:
    from einvoice_peppol.pki import testing

    network = testing.network()
    trust = network.trust()
    made = {"ap": network.access_point, "smp": network.smp}
    said = [_judged(trust, make(fault=fault).certificate, role, network) for role, make in made.items() for fault in testing.FAULTS]
    crossed = [_judged(trust, make().certificate, "smp" if role == "ap" else "ap", network) for role, make in made.items()]
    sound = [_judged(trust, make().certificate, role, network) for role, make in made.items()]
    refused = sum(bool(reason) for reason in said + crossed)
    value = (
        f"{refused} of {len(said) + len(crossed)} refused for {len(set(said + crossed))} reasons, {sound.count('')} of 2 sound ones trusted"
    )
    return Figure(value, refused == len(said) + len(crossed) and not any(sound))


@figure("pki-revocation", bar="good counts; revoked, stale, foreign or unknown never; unreachable only where reachable suffices", item=5)
def pki_revocation() -> Figure:
    """Against a real responder over HTTP: OCSP and lists, both policies."""
    from tests.peppol.revocations import standing

    cases, wrong = list(_cases()), []
    with standing() as here:
        for name, prepare, accepted in cases:
            for policy in _POLICIES:
                _behave(here)
                if here.accepts(policy, prepare(here)) != (policy in accepted):
                    wrong.append(f"{name} under {policy}")
    count = len(cases) * len(_POLICIES)
    return Figure(f"{count - len(wrong)} of {count} as they must be {wrong[:3] or ''}".rstrip(), not wrong)


@figure("pki-broken", bar="0 of 90,000 altered certificates, answers and lists count, 0 tracebacks", item=5)
def pki_broken() -> Figure:
    from tests.peppol.test_pki_broken import KINDS, altered

    counts: Counter[str] = Counter()
    for kind, (data, judge) in KINDS.items():
        draw = random.Random(kind)
        for _ in range(scaled(30_000)):
            made = altered(data, draw)
            counts["made"] += 1
            counts["counted"] += made != data and judge(made)
        counts["whole"] += judge(data)
    value = f"{counts['counted']} of {counts['made']} count; {counts['whole']} of {len(KINDS)} whole ones do"
    return Figure(value, counts["counted"] == 0 and counts["whole"] == len(KINDS))


@figure("pki-install", bar="nothing is trusted without its fingerprint, a test anchor never in production, each container read", item=5)
def pki_install() -> Figure:
    from einvoice_peppol.pki import anchors
    from tests.peppol.test_pki_files import CAS, CONTAINERS

    done: Counter[str] = Counter()
    prints = [word for one in CAS for word in ("--fingerprint", anchors.fingerprint(one))]
    for name, data in CONTAINERS.items():
        with tempfile.TemporaryDirectory() as held, _settings(Path(held)):
            folder = Path(held)
            (folder / "cas").write_bytes(data)
            install = ["peppol", "trust", "install", "--from", str(folder / "cas")]
            done["shown"] += _run(*install) == 1 and not (folder / "trust").exists()
            done["refused"] += _run(*install, *prints, "--network", "production") == 2 and not (folder / "trust").exists()
            done["installed"] += _run(*install, *prints) == 0 and len(anchors.read(folder / "trust", "test")) == len(CAS)
            done["again"] += _run(*install, *prints) == 0 and len(anchors.read(folder / "trust", "test")) == len(CAS)
        done[name] += 1
    steps = ("shown", "refused", "installed", "again")
    value = f"{len(CONTAINERS)} containers: " + ", ".join(f"{step} {done[step]}" for step in steps)
    return Figure(value, all(done[step] == len(CONTAINERS) for step in steps))


@figure("pki-openssl", bar="OpenSSL refuses each fault of any PKI that we refuse, and each reads the other's OCSP answers", item=5)
def pki_openssl() -> Figure:
    from tests.peppol import openssl

    if openssl.program() is None:
        raise NotMeasured(openssl.ABSENT)
    from einvoice_peppol.pki import testing
    from tests.peppol.test_pki_openssl import NET, OURS_ALONE, test_it_reads_our_answers, test_its_responder_is_understood

    with tempfile.TemporaryDirectory() as held:
        folder = Path(held)
        sound = openssl.verifies(NET.access_point(), NET.ap_ca, NET.root, folder, NET.now)
        faults = [name for name in testing.FAULTS if name not in OURS_ALONE]
        refused = sum(not openssl.verifies(NET.access_point(fault=name), NET.ap_ca, NET.root, folder, NET.now) for name in faults)
        with _client() as http:
            test_its_responder_is_understood(folder, http)
        for status in ("good", "revoked"):
            for by in ("CA", "delegate"):
                test_it_reads_our_answers(status, by, folder)
    value = f"{refused} of {len(faults)} refused, the sound chain {'accepted' if sound else 'refused'}; 4 answers of ours read, 2 of its"
    return Figure(value, sound and refused == len(faults))


def _judged(trust: Trust, certificate: Certificate, role: str, network: TestNetwork) -> str:
    """Why a certificate is refused, empty where it is trusted."""
    from einvoice.errors import CertificateError

    try:
        trust.check(certificate, role, network.now)
    except CertificateError as fault:
        return str(fault)
    return ""


def _cases() -> Iterator[tuple[str, _Prepare, tuple[str, ...]]]:
    """What is made of a responder, and under which policies a seat is trusted then."""
    from tests.peppol.revocations import LISTS, PARTS, WRONG

    reachable = ("where_reachable",)
    yield "OCSP good", _says, _POLICIES
    yield "list good", lambda here: _says(here, ocsp=None), _POLICIES
    yield "nobody answers", lambda here: _says(here, ocsp=None, crl=None), reachable
    yield "nobody is named", lambda here: here.made(ocsp=False, crl=False).access_point(), reachable
    for whose in ("seat", "CA"):
        yield f"{whose} revoked by OCSP", partial(_revoked, whose), ()
        yield f"{whose} revoked by list", partial(_revoked, whose, ocsp=None), ()
    for name, make in WRONG.items():
        yield f"OCSP {name}", partial(_answers, make), ()
    for name, make in LISTS.items():
        yield f"list {name}", partial(_lists, make), ()
    for name, part in PARTS.items():
        yield f"list of {name}", partial(_says, ocsp=None, extensions=(part,)), ()


def _answers(make: Callable[[Here], Any], here: Here) -> None:
    _says(here, ocsp=make(here), crl=None)


def _lists(make: Callable[[Here], Any], here: Here) -> None:
    _says(here, ocsp=None, crl=make(here))


def _revoked(whose: str, here: Here, **how: Any) -> Identity:
    leaf = here.network.access_point()
    _says(here, revoked={(leaf if whose == "seat" else here.network.ap_ca).certificate.serial_number}, **how)
    return leaf


def _says(here: Here, **how: Any) -> None:
    for name, value in how.items():
        setattr(here.said, name, value)


def _behave(here: Here) -> None:
    from einvoice_peppol.pki.answering import Saying

    _says(here, ocsp=Saying(), crl=Saying(), revoked=set(), extensions=(), raw=None, delay=0.0)


@contextlib.contextmanager
def _settings(folder: Path) -> Iterator[None]:
    from einvoice.settings import current

    (folder / "einvoice.toml").write_text(f'[peppol]\ntrust = "{folder / "trust"}"\n', "utf-8")
    before = os.environ.get("EINVOICE_CONFIG")
    os.environ["EINVOICE_CONFIG"] = str(folder / "einvoice.toml")
    current.cache_clear()
    try:
        yield
    finally:
        os.environ.pop("EINVOICE_CONFIG")
        if before is not None:
            os.environ["EINVOICE_CONFIG"] = before
        current.cache_clear()


def _run(*arguments: str) -> int:
    from einvoice.cli import main

    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        return main([*arguments])


@contextlib.contextmanager
def _client() -> Iterator[Client]:
    from einvoice_peppol.http import Client

    made = Client(plain=True)
    try:
        yield made
    finally:
        made.close()
