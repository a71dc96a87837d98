"""A mail server for tests: it speaks real SMTP, and its own log, written before it says 250, is the judge of what arrived.

What was handed to the kernel no kill of a process takes away. A line of the log is one accepted message: its Message-ID, the SHA-256
of its text, the recipients. `serving` runs it in a thread, `apart` in a process of its own, and `python -m tests.smtp LOG PORT` by hand
(port 0: a free one, which is printed).

The recipient's name says what else happens: `refuse@` 550 and `later@` 451 to the recipient, `refused-text@` 554 and `later-text@` 451
to the text, `break@` ends the connection after the text was accepted, without a word.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

HOST = "127.0.0.1"
_TO_RECIPIENT = {"refuse": "550 5.1.1 nobody of that name", "later": "451 4.2.1 come back later"}
_TO_TEXT = {"refused-text": "554 5.6.0 we do not take this", "later-text": "451 4.3.0 come back later"}


class Accepted(NamedTuple):
    """A message that the server took."""

    message_id: str
    sha256: str
    recipients: tuple[str, ...]


class Mailbox(NamedTuple):
    """A running server: where it listens, and where it writes down what it took."""

    host: str
    port: int
    log: Path

    def accepted(self) -> list[Accepted]:
        """What it took so far, in order."""
        return read(self.log)


def read(log: Path) -> list[Accepted]:
    """The messages in a log; a line that is still being written does not count."""
    lines = log.read_text("utf-8").split("\n")[:-1] if log.exists() else []
    return [Accepted(parts[0], parts[1], tuple(parts[2:])) for parts in (line.split(" ") for line in lines)]


class Judge:
    """What aiosmtpd asks: recipients and texts, each accepted unless its name says otherwise."""

    def __init__(self, log: Path) -> None:
        self._log = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def close(self) -> None:
        """Closes the log."""
        os.close(self._log)

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:  # noqa: N802
        """Takes a recipient."""
        name = address.partition("@")[0]
        if name in _TO_RECIPIENT:
            return _TO_RECIPIENT[name]
        envelope.rcpt_tos.append(address)
        return "250 ok"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's names
        """Takes a text: it is in the log before the server says so."""
        name = envelope.rcpt_tos[0].partition("@")[0]
        if name in _TO_TEXT:
            return _TO_TEXT[name]
        self._write(envelope.content, envelope.rcpt_tos)
        if name == "break":
            server.transport.abort()
        return "250 2.0.0 taken"

    def _write(self, content: bytes, recipients: list[str]) -> None:
        found = re.search(rb"^Message-ID:\s*<?([^>\s]+)", content, re.MULTILINE | re.IGNORECASE)
        name = found[1].decode() if found else "-"
        os.write(self._log, " ".join((name, hashlib.sha256(content).hexdigest(), *recipients)).encode() + b"\n")


@contextmanager
def serving(log: Path) -> Iterator[Mailbox]:
    """The server in a thread of this process, on a free port."""
    from aiosmtpd.controller import Controller

    with socket.socket() as free:
        free.bind((HOST, 0))
        port = free.getsockname()[1]
    judge = Judge(log)
    controller = Controller(judge, hostname=HOST, port=port, decode_data=False)
    controller.start()
    try:
        yield Mailbox(HOST, port, log)
    finally:
        controller.stop()
        judge.close()


@contextmanager
def apart(log: Path) -> Iterator[Mailbox]:
    """The server in a process of its own, which ends when we do."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.smtp", str(log), "0"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        yield Mailbox(HOST, int(process.stdout.readline()), log)
    finally:
        process.communicate()


async def _serve(log: Path, port: int) -> None:
    from aiosmtpd.smtp import SMTP

    judge, loop = Judge(log), asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(judge, hostname=HOST, loop=loop, decode_data=False), HOST, port)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)  # until whoever started us ends
    server.close()
    judge.close()


if __name__ == "__main__":
    asyncio.run(_serve(Path(sys.argv[1]), int(sys.argv[2])))
