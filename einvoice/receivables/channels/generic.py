"""Any service that Apprise knows, as a channel: the text of a message goes to an Apprise URL that bears the debtor's address.

Apprise says whether a service took a message and nothing more: no id, no report, no reason. So nothing is ever `delivered` by it, and
whatever ended otherwise after a connection was possible is `unknown`. Attachments and copies do not travel.

| What happens | Outcome |
|---|---|
| the address cannot stand in the URL | failed |
| the service cannot be connected to | planned again |
| Apprise says no, or raises | unknown |
| Apprise says yes | sent |

Source: Apprise's documentation, "Development API" (`Apprise.add`, `Apprise.notify`).
"""

from __future__ import annotations

import email
import email.policy
import socket
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from einvoice.errors import ReceivablesError, SettingsError
from einvoice.outbox import Effect, Outcome, State
from einvoice.receivables.channels.email import recipients
from einvoice.receivables.channels.mime import usable

if TYPE_CHECKING:
    from apprise import Apprise

ADDRESS = "{address}"
"""What stands in the URL where the debtor's address belongs."""
_SAMPLES = {"email": "someone@example.com"}
_A_NUMBER = "+31612345678"
_FEWEST = 6
_WAIT = 10.0
_PORTS = {True: 443, False: 80}


class AppriseSender:
    """Takes the text of effects to the service behind `url`, which holds credentials and is never shown.

    Raises SettingsError where Apprise is not installed, does not know the URL, or the URL has no `{address}`: what goes to one fixed
    place is no message to a debtor.
    """

    recognises_keys = False

    def __init__(self, channel: str, url: str) -> None:
        self._channel = channel
        self._url = url
        if ADDRESS not in url:
            raise SettingsError(f"[apprise] {channel}: its URL must hold {ADDRESS} where the debtor's address belongs")
        if self._service(_SAMPLES.get(channel, _A_NUMBER)) is None:
            raise SettingsError(f"[apprise] {channel}: Apprise does not know such a URL; see its list of services")

    def send(self, effect: Effect) -> Outcome:
        """Sends one message and says what is known of it."""
        address = recipients(effect.address)[0]
        service = self._service(address) if _is_address(self._channel, address) else None
        if service is None:
            return Outcome(State.FAILED, reason="the address is none that this service takes")
        if (fault := _unreachable(service[0])) is not None:
            return Outcome(State.PLANNED, reason=f"the service cannot be connected to: {fault}")
        title, text = said(effect)
        try:
            is_taken = service.notify(body=text, title=title, body_format="text")
        except Exception as fault:
            return Outcome(State.UNKNOWN, reason=f"Apprise raised {type(fault).__name__} while it sent")
        if not is_taken:
            return Outcome(State.UNKNOWN, reason="the service did not take it, or broke off; Apprise does not say which")
        return Outcome(State.SENT, proof=f"taken by {service[0].service_name}")

    def close(self) -> None:
        """Nothing is held open."""

    def _service(self, address: str) -> Apprise | None:
        """Apprise with the one URL, None where the URL cannot be one with this address."""
        try:
            from apprise import Apprise, AppriseAsset  # noqa: PLC0415 - an extra, wanted only where a channel goes by it
        except ImportError:
            raise SettingsError(f'[channels] {self._channel} is "apprise"; pip install "einvoice-toolkit[apprise]"') from None
        made = Apprise(asset=AppriseAsset(async_mode=False))
        return made if made.add(self._url.replace(ADDRESS, quote(address, safe=""))) and len(made) == 1 else None


def _is_address(channel: str, address: str) -> bool:
    """Whether an address can be one of its channel: of one recipient, a number with figures enough."""
    if channel != "email":
        return sum(sign.isdecimal() for sign in address) >= _FEWEST
    try:
        return bool(usable(address))
    except ReceivablesError:
        return False


def said(effect: Effect) -> tuple[str, str]:
    """Title and text of an effect: of a mail its subject and plain text, else its title and the payload as text."""
    if effect.headers.get("type") != "message/rfc822":
        return "", effect.payload.decode("utf-8", "replace")
    mail = email.message_from_bytes(effect.payload, policy=email.policy.default)
    body = mail.get_body(("plain", "html"))
    return str(mail["Subject"] or ""), str(body.get_content()).replace("\r\n", "\n") if body is not None else ""


def _unreachable(service: Any) -> str | None:
    """Why nothing can leave now: the service's host does not take connections; None where it does, or none is known."""
    host, port, is_secure = getattr(service, "host", None), getattr(service, "port", None), bool(getattr(service, "secure", True))
    if not host:
        address = urlsplit(str(getattr(service, "notify_url", "") or ""))
        host, port, is_secure = address.hostname, None, address.scheme != "http"
    if not host or "{" in host:
        return None
    try:
        socket.create_connection((host, port or _PORTS[is_secure]), _WAIT).close()
    except OSError as fault:
        return fault.strerror or type(fault).__name__
    return None
