"""A mail server of the tests' own: a Postfix with its own configuration and queue, which delivers to a Maildir and relays the rest.

Mail to `ar@acme.example` (and `ar+TAG@acme.example`) arrives in the Maildir; mail to `customer.example` is relayed to a port that is
named, and what that server refuses comes back as a delivery report. A shell ends it when the tests end, even when they are killed.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

ABSENT = "no Postfix, or no root rights to start one: apt-get install postfix"
HOST = "127.0.0.1"
OURS = "ar@acme.example"
_MAIN = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
maillog_file = {folder}/log
maillog_file_prefixes = {folder}
myhostname = mta.acme.example
mydestination =
local_recipient_maps =
alias_maps =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
smtpd_recipient_restrictions = permit_mynetworks, reject
smtpd_tls_security_level = none
disable_dns_lookups = yes
smtp_host_lookup = native
recipient_delimiter = +
virtual_mailbox_domains = acme.example
virtual_mailbox_maps = inline:{{ {ours}=ar/ }}
virtual_mailbox_base = {folder}/mail
virtual_uid_maps = static:65534
virtual_gid_maps = static:65534
transport_maps = inline:{{ customer.example=smtp:[127.0.0.1]:{relay}, .customer.example=smtp:[127.0.0.1]:{relay} }}
relay_domains = customer.example
queue_run_delay = 1s
minimal_backoff_time = 1s
maximal_backoff_time = 1s
maximal_queue_lifetime = {lifetime}s
bounce_queue_lifetime = {lifetime}s
delay_warning_time = {warning}s
"""
_MASTER = """
127.0.0.1:{port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
tlsmgr unix - - n 1000? 1 tlsmgr
postlog unix-dgram n - n - 1 postlogd
"""
_LIFE = """
postfix -c "$1" start >"$1/out" 2>&1 && echo ready || cat "$1/out" "$2/log"
read -r _
postfix -c "$1" abort >/dev/null 2>&1
for _ in 1 2 3 4 5 6 7 8 9 10; do postfix -c "$1" status >/dev/null 2>&1 || break; sleep 0.2; done
rm -rf "$2"
"""


class Mta(NamedTuple):
    """A running server: where it listens, the Maildir that it delivers to, its log."""

    host: str
    port: int
    maildir: Path
    log: Path

    def waits(self, is_there: Callable[[], bool], seconds: float = 30) -> bool:
        """Whether something comes about within some seconds."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if is_there():
                return True
            time.sleep(0.05)
        return is_there()

    def arrived(self) -> list[Path]:
        """The mails that wait in the Maildir."""
        return sorted((self.maildir / "new").glob("*"))


@contextmanager
def running(relay: int, *, lifetime: int = 100, warning: int = 0) -> Iterator[Mta]:
    """A server that relays to a port of this machine; skips where none can be started.

    Mail that cannot be relayed for now comes back after `lifetime` seconds; after `warning` seconds (0: never) its delay is told.
    """
    if shutil.which("postfix") is None or os.name == "nt" or os.getuid() != 0:
        pytest.skip(ABSENT)
    folder = Path(tempfile.mkdtemp(prefix="mta"))
    port = free_port()
    conf = folder / "conf"
    _make(folder, conf, {"folder": folder, "port": port, "relay": relay, "lifetime": lifetime, "warning": warning, "ours": OURS})
    life = subprocess.Popen(
        ["/bin/sh", "-c", _LIFE, "sh", str(conf), str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert life.stdout is not None
        said = life.stdout.readline()
        if said.strip() != "ready":
            pytest.skip(f"Postfix does not start here: {said}{life.stdout.read() if life.poll() is not None else ''}")
        yield Mta(HOST, port, folder / "mail" / "ar", folder / "log")
    finally:
        life.communicate("")


def _make(folder: Path, conf: Path, values: dict[str, object]) -> None:
    folder.chmod(0o755)
    for name in ("conf", "queue", "data", "mail"):
        (folder / name).mkdir()
    shutil.chown(folder / "data", "postfix")
    shutil.chown(folder / "mail", 65534, 65534)
    for name in ("new", "cur", "tmp"):
        (folder / "mail" / "ar" / name).mkdir(parents=True)
        shutil.chown(folder / "mail" / "ar" / name, 65534, 65534)
    shutil.chown(folder / "mail" / "ar", 65534, 65534)
    (conf / "main.cf").write_text(_MAIN.format(**values))
    (conf / "master.cf").write_text(_MASTER.format(**values))


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as free:
        free.bind((HOST, 0))
        return int(free.getsockname()[1])
