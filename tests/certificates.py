"""Certificates for servers of tests: they sign themselves, and hold for two days."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest


def certificate(folder: Path, host: str) -> tuple[Path, Path]:
    """A certificate of a name or IPv4 address, and its key, as files in a folder; skips where there is no openssl."""
    made, key = folder / "cert.pem", folder / "key.pem"
    kind = "IP" if host.replace(".", "").isdigit() else "DNS"
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2".split()
    names = ["-subj", f"/CN={host}", "-addext", f"subjectAltName={kind}:{host}"]
    try:
        subprocess.run([*command, *names, "-keyout", str(key), "-out", str(made)], check=True, capture_output=True)
    except FileNotFoundError:
        pytest.skip("no openssl to make a certificate with")
    return made, key
