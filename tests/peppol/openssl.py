"""OpenSSL's own program as a second opinion: it judges chains, answers OCSP questions, and reads our answers."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from cryptography import x509

from einvoice_peppol.pki import testing_files
from einvoice_peppol.pki.identity import Identity

ABSENT = "openssl is not installed: Debian's package openssl has it"


def program() -> str | None:
    """Where it is."""
    return shutil.which("openssl")


def verifies(leaf: Identity, ca: Identity, root: Identity, folder: Path, now: datetime) -> bool:
    """Whether it finds the chain of a certificate good for a TLS client at a moment."""
    held = {"leaf": leaf, "ca": ca, "root": root}
    for name, one in held.items():
        (folder / f"{name}.pem").write_bytes(testing_files.pem(one.certificate))
    chain = ["-CAfile", str(folder / "root.pem"), "-untrusted", str(folder / "ca.pem")]
    how = ["-x509_strict", "-purpose", "sslclient", "-auth_level", "2", "-attime", str(int(now.timestamp()))]
    return _run("verify", *how, *chain, str(folder / "leaf.pem")).returncode == 0


@contextmanager
def responder(ca: Identity, known: list[tuple[x509.Certificate, bool]], folder: Path) -> Iterator[str]:
    """Its OCSP responder, which knows certificates and whether each was revoked; its address."""
    testing_files.write(folder, "signer", ca)
    (folder / "index.txt").write_text("".join(_entry(*one) for one in known))
    signer = ["-rsigner", str(folder / "signer.pem"), "-rkey", str(folder / "signer.key"), "-CA", str(folder / "signer.pem")]
    asked = [str(program()), "ocsp", "-port", "0", "-index", str(folder / "index.txt"), *signer, "-nmin", "10"]
    process = subprocess.Popen(asked, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        assert process.stdout is not None
        said = re.search(rb"ACCEPT .*:(\d+)", process.stdout.readline())  # a connection that only looks whether it listens would block it
        if said is None:
            raise RuntimeError("openssl's responder does not start")
        yield f"http://127.0.0.1:{int(said[1])}/"
    finally:
        process.kill()
        process.communicate()


def reads(answer: bytes, leaf: Identity, ca: Identity, folder: Path) -> str:
    """What it makes of an OCSP answer of ours about a certificate: `good`, `revoked`, or empty where it does not accept it."""
    for name, one in (("leaf", leaf), ("ca", ca)):
        (folder / f"{name}.pem").write_bytes(testing_files.pem(one.certificate))
    (folder / "answer.der").write_bytes(answer)
    named = ["-issuer", str(folder / "ca.pem"), "-cert", str(folder / "leaf.pem"), "-respin", str(folder / "answer.der")]
    said = _run(
        "ocsp", *named, "-CAfile", str(folder / "ca.pem"), "-partial_chain", "-no_nonce", "-trust_other", "-VAfile", str(folder / "ca.pem")
    )
    words = said.stdout.decode() + said.stderr.decode()
    return next((word for word in ("good", "revoked") if f": {word}" in words), "") if "Response verify OK" in words else ""


def _entry(certificate: x509.Certificate, is_revoked: bool) -> str:
    """A line of the program's list of certificates: state, end, revocation, serial number, file, subject."""
    until = certificate.not_valid_after_utc.strftime("%y%m%d%H%M%SZ")
    revoked = f"{certificate.not_valid_before_utc:%y%m%d%H%M%SZ},keyCompromise" if is_revoked else ""
    number = f"{certificate.serial_number:X}"
    return f"{'R' if is_revoked else 'V'}\t{until}\t{revoked}\t{number.zfill(len(number) + len(number) % 2)}\tunknown\t/CN=seat\n"


def _run(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([str(program()), *arguments], capture_output=True, check=False, timeout=20)
