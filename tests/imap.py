"""An IMAP server of the tests' own: a Dovecot with its own configuration, TLS with a certificate of its own, one user's Maildir.

A shell ends it when the tests end, even when they are killed. Dovecot 2.3 (its configuration changed with 2.4).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.certificates import certificate
from tests.mta import free_port

ABSENT = "no Dovecot 2.3, or no root rights to start one: apt-get install dovecot-imapd"
USER, PASSWORD = "bounces", "horse-battery"
_CONF = """
protocols = imap
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
listen = 127.0.0.1
ssl = yes
ssl_cert = <{folder}/cert.pem
ssl_key = <{folder}/key.pem
auth_mechanisms = plain login
mail_location = maildir:{folder}/mail
first_valid_uid = 1
default_client_limit = 50
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {plain}
  }}
  inet_listener imaps {{
    port = {tls}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid=65534 gid=65534 home={folder}/home
}}
"""
_LIFE = """
dovecot -c "$1/conf" >"$1/out" 2>&1 && echo ready || cat "$1/out"
read -r _
dovecot -c "$1/conf" stop >/dev/null 2>&1
rm -rf "$1"
"""


class Imap(NamedTuple):
    """A running server: its ports, the certificate to trust, the Maildir of its user."""

    host: str
    tls: int
    starttls: int
    certificate: Path
    maildir: Path

    def deliver(self, name: str, data: bytes) -> None:
        """Puts a mail into the inbox, as a delivery agent does."""
        part = self.maildir / "tmp" / name
        part.write_bytes(data)
        shutil.chown(part, 65534, 65534)
        part.rename(self.maildir / "new" / name)


@contextmanager
def running() -> Iterator[Imap]:
    """A server; skips where none can be started."""
    program = shutil.which("dovecot")
    if program is None or os.name == "nt" or os.getuid() != 0:
        pytest.skip(ABSENT)
    if not subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout.startswith("2.3"):
        pytest.skip(ABSENT)
    folder = Path(tempfile.mkdtemp(prefix="imap"))
    ports = {"tls": free_port(), "plain": free_port()}
    _make(folder, ports)
    life = subprocess.Popen(["/bin/sh", "-c", _LIFE, "sh", str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert life.stdout is not None
        said = life.stdout.readline()
        if said.strip() != "ready":
            pytest.skip(f"Dovecot does not start here: {said}")
        yield Imap("localhost", ports["tls"], ports["plain"], folder / "cert.pem", folder / "mail")
    finally:
        life.communicate("")


def _make(folder: Path, ports: dict[str, int]) -> None:
    folder.chmod(0o755)
    (folder / "conf").write_text(_CONF.format(folder=folder, password=PASSWORD, **ports))
    for name in ("mail", "mail/new", "mail/cur", "mail/tmp", "home"):
        (folder / name).mkdir()
        shutil.chown(folder / name, 65534, 65534)
    certificate(folder, "localhost")
