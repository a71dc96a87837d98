"""E-mail over SMTP: one connection kept open, and every reply of the server turned into what is known of the message.

Until the text of a message begins to leave, surely nothing was sent; from there to the server's last reply nobody can say.

| What happens | Outcome |
|---|---|
| no connection, no TLS, sign-in refused | planned again: it says nothing of this message |
| 4xx to anything; the connection lost before the text | planned again |
| 5xx to sender, recipient, DATA or the finished text | failed |
| the connection lost within or after the text | unknown |
| 2xx to the finished text | sent, the reply is the proof |

The provider's id of a message is its Message-ID, which a bounce returns.
"""

from __future__ import annotations

import re
import smtplib
import ssl
from contextlib import suppress
from typing import NamedTuple

from einvoice.errors import ReceivablesError
from einvoice.outbox import Effect, Outcome, State
from einvoice.receivables.channels.mime import usable

_SIGN_IN_WANTED, _BYE = 530, 421
_MESSAGE_ID = re.compile(rb"^message-id:[ \t]*(?:\r?\n[ \t]+)?(<[!-=?-~]{1,990}>)", re.IGNORECASE | re.MULTILINE)
_LONGEST_LOCAL, _LONGEST_HEAD = 64, 65_536


class Server(NamedTuple):
    """A server that takes mail; `security` is starttls, tls or none, `timeout` in seconds.

    `tagged`: bounces come back to NAME+TAG@…, so that one which returns nothing of the message is known, too.
    """

    host: str
    port: int = 587
    security: str = "starttls"
    user: str | None = None
    password: str | None = None
    timeout: float = 30.0
    local_name: str | None = None
    tagged: bool = False


class _Refused(Exception):
    """The server answered, and not with what lets us go on."""

    def __init__(self, what: str, code: int, text: bytes) -> None:
        self.code = code
        self.text = f"{what}: {code} {text.decode('utf-8', 'replace')}"
        super().__init__(self.text)


class EmailSender:
    """Takes effects whose payload is a finished RFC 5322 message.

    The address holds one or more recipients with commas between: the first is the one that counts, a refused copy is only noted.
    `headers["sender"]` is where bounces go.
    """

    recognises_keys = False

    def __init__(self, server: Server) -> None:
        self._server = server
        self._smtp: smtplib.SMTP | None = None

    def send(self, effect: Effect) -> Outcome:
        """Sends one message and says what is known of it."""
        try:
            smtp, refused = self._begun(effect)
        except _Refused as fault:
            return self._answered(fault)
        except (OSError, smtplib.SMTPException) as fault:
            self._drop()
            return Outcome(State.PLANNED, reason=f"{self._server.host}:{self._server.port}: {_words(fault)}")
        except (ReceivablesError, ValueError) as fault:  # an address that SMTP cannot say: a line break, a letter beyond ASCII
            self._drop()
            return Outcome(State.FAILED, reason=f"the address cannot be written: {fault}")
        try:
            code, text = self._finished(smtp, effect.payload)
        except (OSError, smtplib.SMTPException) as fault:
            self._drop()
            reason = f"the connection broke while the message was sent: {_words(fault)}"
            return Outcome(State.UNKNOWN, message_id(effect.payload), reason=reason)
        return self._judged(effect, code, text, refused)

    def close(self) -> None:
        """Says goodbye to the server."""
        if self._smtp is not None:
            with suppress(OSError, smtplib.SMTPException):
                self._smtp.quit()
            self._drop()

    def _begun(self, effect: Effect) -> tuple[smtplib.SMTP, list[str]]:
        """The connection right after DATA was granted, and which copies were refused; a stale connection is made anew, once."""
        if self._smtp is not None:
            try:
                return self._envelope(self._smtp, effect)
            except (OSError, smtplib.SMTPException):
                self._drop()
            except _Refused as fault:
                if fault.code != _BYE:
                    raise
                self._drop()
        self._smtp = self._connected()
        return self._envelope(self._smtp, effect)

    def _connected(self) -> smtplib.SMTP:
        host, port, security, user, password, timeout, local_name, _ = self._server
        if security == "tls":
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(host, port, local_name, timeout=timeout, context=ssl.create_default_context())
        else:
            smtp = smtplib.SMTP(host, port, local_name, timeout=timeout)
        try:
            if security == "starttls":
                smtp.starttls(context=ssl.create_default_context())
            if user:
                smtp.login(user, password or "")
            smtp.ehlo_or_helo_if_needed()
        except BaseException:
            smtp.close()
            raise
        return smtp

    def _envelope(self, smtp: smtplib.SMTP, effect: Effect) -> tuple[smtplib.SMTP, list[str]]:
        refused: list[str] = []
        sender = str(effect.headers.get("sender", ""))
        _expect("sender", smtp.mail(tagged(sender, effect.payload) if self._server.tagged else sender))
        for number, recipient in enumerate(recipients(effect.address)):
            try:
                _expect("recipient", smtp.rcpt(usable(recipient)))
            except _Refused as fault:
                if number == 0 or fault.code == _BYE:
                    raise
                refused.append(f"{recipient}: {fault.code}")
        _expect("text", smtp.docmd("data"), 354)
        return smtp, refused

    def _finished(self, smtp: smtplib.SMTP, payload: bytes) -> tuple[int, bytes]:
        smtp.send(dotted(payload))
        return smtp.getreply()

    def _answered(self, fault: _Refused) -> Outcome:
        """What a refusal before the text says: for good, or for now."""
        if self._smtp is not None:
            with suppress(OSError, smtplib.SMTPException):
                if fault.code == _BYE or self._smtp.rset()[0] != 250:
                    self._drop()
        if fault.code >= 500 and fault.code != _SIGN_IN_WANTED:
            return Outcome(State.FAILED, reason=fault.text)
        is_about_it = fault.text.startswith("recipient") and fault.code not in (_SIGN_IN_WANTED, _BYE)
        return Outcome(State.PLANNED, reason=fault.text, answered=is_about_it)

    def _judged(self, effect: Effect, code: int, text: bytes, refused: list[str]) -> Outcome:
        """What the last reply says."""
        reply = f"{code} {text.decode('utf-8', 'replace')}" + (f"; copies refused: {', '.join(refused)}" if refused else "")
        if code == _BYE:
            self._drop()
        if 200 <= code < 300:
            return Outcome(State.SENT, message_id(effect.payload), proof=reply)
        if code >= 400:
            return Outcome(State.FAILED if code >= 500 else State.PLANNED, reason=reply, answered=code != _BYE)
        self._drop()
        return Outcome(State.UNKNOWN, message_id(effect.payload), reason=reply)

    def _drop(self) -> None:
        if self._smtp is not None:
            self._smtp.close()
            self._smtp = None


def recipients(address: str) -> list[str]:
    """The recipients in an address of an effect."""
    return [part.strip() for part in address.split(",")]


def message_id(message: bytes) -> str | None:
    """The Message-ID in the head of a message, angle brackets and all (RFC 5322, 3.6.4); None where it has none."""
    head = message[:_LONGEST_HEAD].replace(b"\r\n", b"\n").partition(b"\n\n")[0]
    found = _MESSAGE_ID.search(head)
    return found[1].decode("ascii") if found else None


def tagged(sender: str, message: bytes) -> str:
    """The address that a message's bounces go to: the sender's, with the name of the message behind a plus (variable return path).

    The sender's own where it would be longer than RFC 5321, 4.5.3.1.1, lets it be.
    """
    name, _, domain = sender.rpartition("@")
    local = f"{name}+{(message_id(message) or '<')[1:].partition('@')[0]}"
    return f"{local}@{domain}" if name and not local.endswith("+") and len(local) <= _LONGEST_LOCAL else sender


def dotted(message: bytes) -> bytes:
    """A message as it travels after DATA: CRLF line ends, a dot more before a leading dot, and the line that ends it."""
    lines = message.replace(b"\r\n", b"\n").replace(b"\r", b"\n").removesuffix(b"\n").split(b"\n")
    return b"\r\n".join([*(b"." + line if line.startswith(b".") else line for line in lines), b".", b""])


def _expect(what: str, reply: tuple[int, bytes], wanted: int | None = None) -> None:
    code, text = reply
    if code < 0:
        raise smtplib.SMTPServerDisconnected("the connection is closed")
    if code != wanted and (wanted or not 200 <= code < 300):
        raise _Refused(what, code, text)


def _words(fault: Exception) -> str:
    if isinstance(fault, smtplib.SMTPResponseException):
        error = fault.smtp_error
        return f"{fault.smtp_code} {error.decode('utf-8', 'replace') if isinstance(error, bytes) else error}"
    return str(fault) or type(fault).__name__
