"""A mailbox of an IMAP server (RFC 3501), over TLS unless told: what was looked at bears a keyword of ours."""

from __future__ import annotations

import imaplib
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, NamedTuple

from einvoice.errors import ReceivablesError, SettingsError
from einvoice.receivables.incoming.bounces import MOST
from einvoice.settings.providers import Bounces

HEARD = "EinvoiceHeard"
"""The keyword of mails that were looked at."""
_PORTS = {"tls": 993, "starttls": 143, "none": 143}
_TIMEOUT = 60.0
_UIDS = re.compile(rb"\d+")


class Arrived(NamedTuple):
    """A mail: its name in the mailbox, the first part of its bytes."""

    name: str
    data: bytes


class ImapBox:
    """A mailbox that is selected: mails that were looked at bear a keyword, or are seen where it keeps no keywords."""

    def __init__(self, connection: imaplib.IMAP4, name: str) -> None:
        self._imap = connection
        answer = self._asked(connection.select, _quoted(name))
        flags = b" ".join(part for part in connection.response("PERMANENTFLAGS")[1] if isinstance(part, bytes))
        self._keeps_keywords = rb"\*" in flags or HEARD.lower().encode() in flags.lower()
        self.count = int(answer[0] or 0)

    def arrived(self) -> Iterator[Arrived]:
        """The mails without our mark, one after the other, without marking them as seen."""
        criterion = f"UNKEYWORD {HEARD}" if self._keeps_keywords else "UNSEEN"
        found = self._asked(self._imap.uid, "SEARCH", f"UNDELETED {criterion}")
        for uid in _UIDS.findall(b" ".join(part for part in found if isinstance(part, bytes))):
            answer = self._asked(self._imap.uid, "FETCH", uid.decode(), f"(BODY.PEEK[]<0.{MOST}>)")
            data = next((bytes(part[1]) for part in answer if isinstance(part, tuple)), None)
            if data is not None:
                yield Arrived(uid.decode(), data)

    def done(self, name: str, *, seen: bool) -> None:
        """Gives a mail our keyword, and the flag of what was seen."""
        flags = [HEARD] if self._keeps_keywords else []
        if seen or not self._keeps_keywords:
            flags.append(r"\Seen")
        self._asked(self._imap.uid, "STORE", name, "+FLAGS.SILENT", f"({' '.join(flags)})")

    def _asked(self, command: Any, *words: str) -> Any:
        try:
            state, answer = command(*words)
        except (imaplib.IMAP4.error, OSError) as fault:
            raise ReceivablesError(f"the IMAP server broke off: {fault}; the next run reads on") from None
        if state != "OK":
            words_back = " ".join(part.decode("utf-8", "replace") for part in answer if isinstance(part, bytes))
            raise ReceivablesError(f"the IMAP server refused {words[0]}: {words_back}")
        return answer


@contextmanager
def signed_in(bounces: Bounces) -> Iterator[ImapBox]:
    """A connection to the IMAP server of the settings, signed in.

    Raises ReceivablesError where it cannot be reached or refuses, SettingsError where a secret leads to nothing.
    """
    if not bounces.user or bounces.password is None:
        raise SettingsError("an IMAP server is set below [bounces], but no user and password; write both")
    try:
        connection = _connected(str(bounces.host), bounces.port or _PORTS[bounces.security], bounces.security)
    except (OSError, imaplib.IMAP4.error) as fault:
        raise ReceivablesError(f"the IMAP server {bounces.host} cannot be reached: {fault}; see [bounces] in the settings") from None
    try:
        try:
            connection.login(bounces.user, bounces.password.reveal())
        except (OSError, imaplib.IMAP4.error):
            raise ReceivablesError(f"the IMAP server {bounces.host} refused user and password; see [bounces] in the settings") from None
        yield ImapBox(connection, bounces.mailbox)
    finally:
        with suppress(OSError, imaplib.IMAP4.error):
            connection.logout()


def _connected(host: str, port: int, security: str) -> imaplib.IMAP4:
    if security == "tls":
        return imaplib.IMAP4_SSL(host, port, ssl_context=ssl.create_default_context(), timeout=_TIMEOUT)
    connection = imaplib.IMAP4(host, port, timeout=_TIMEOUT)
    if security == "starttls":
        try:
            connection.starttls(ssl_context=ssl.create_default_context())
        except BaseException:
            connection.shutdown()
            raise
    return connection


def _quoted(name: str) -> str:
    """A mailbox's name as a quoted string, in modified UTF-7 where it needs be (RFC 3501, 5.1.3)."""
    if any(sign in name for sign in "\r\n\0"):
        raise SettingsError("[bounces] mailbox holds a line break; name the folder on the server")
    if not name.isascii() or "&" in name:
        name = "".join(_utf7(run) for run in re.findall(r"[ -%'-~]+|[^ -%'-~]+", name))
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _utf7(run: str) -> str:
    if run.isascii() and "&" not in run:
        return run
    coded = ""
    for part in re.findall(r"&+|[^&]+", run):
        coded += "&-" * len(part) if part[0] == "&" else "&" + part.encode("utf-7").decode()[1:].rstrip("-").replace("/", ",") + "-"
    return coded
