"""A server that behaves as Twilio's API says (twilio.com/docs: Messages resource, Calls resource, Webhooks security).

Basic authentication, required fields, errors with their codes, 201 with a SID. Callbacks are signed by the documented algorithm, written
here a second time.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode
from xml.etree import ElementTree as ET

from einvoice.receivables.incoming.port import Request
from tests.providers.paying import Call, Reply, Service

ACCOUNT, TOKEN = "AC00000000000000000000000000000001", "twilio-token"
WRONG = "+31600000001"
OPTED_OUT = "+31600000002"


def problem(status: int, code: int, message: str, **headers: str) -> Reply:
    """An error as Twilio gives it."""
    return Reply(
        status, {"code": code, "message": message, "more_info": f"https://www.twilio.com/docs/errors/{code}", "status": status}, headers
    )


class Twilio(Service):
    """Twilio."""

    too_many = problem(429, 20429, "Too Many Requests", **{"Retry-After": "3"})

    def __init__(self) -> None:
        super().__init__()
        self.made: list[dict[str, str]] = []

    def answers(self, call: Call) -> Reply:
        """Routes a call."""
        expected = base64.b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()
        if call.headers.get("authorization") != f"Basic {expected}":
            return problem(401, 20003, "Authenticate")
        resource = call.path.rpartition("/")[2]
        if call.path != f"/2010-04-01/Accounts/{ACCOUNT}/{resource}" or resource not in ("Messages.json", "Calls.json"):
            return problem(404, 20404, "The requested resource was not found")
        form = dict(parse_qsl(call.body.decode(), keep_blank_values=True))
        return self._call(form) if resource == "Calls.json" else self._message(form)

    def _message(self, form: dict[str, str]) -> Reply:
        number = form.get("To", "").removeprefix("whatsapp:")
        if not number:
            return problem(400, 21604, "A 'To' phone number is required.")
        if not form.get("Body"):
            return problem(400, 21602, "Message body is required.")
        if number == WRONG:
            return problem(400, 21211, f"The 'To' number {number} is not a valid phone number.")
        if number == OPTED_OUT:
            return problem(400, 21610, "Attempt to send to unsubscribed recipient")
        return self._taken("SM", form)

    def _call(self, form: dict[str, str]) -> Reply:
        if not form.get("Twiml"):
            return problem(400, 21205, "Url parameter is required.")
        spoken = ET.fromstring(form["Twiml"])  # noqa: S314 - our own
        assert spoken.tag == "Response"
        return self._taken("CA", form)

    def _taken(self, prefix: str, form: dict[str, str]) -> Reply:
        sid = f"{prefix}{len(self.made):032x}"
        self.made.append({**form, "sid": sid})
        return Reply(201, {"sid": sid, "status": "queued", "to": form["To"], "error_code": None})


def signed(url: str, form: Mapping[str, str], token: str = TOKEN) -> Request:
    """A callback as Twilio makes it."""
    text = url + "".join(f"{name}{form[name]}" for name in sorted(form))
    signature = base64.b64encode(hmac.digest(token.encode(), text.encode(), hashlib.sha1)).decode()
    headers = {"content-type": "application/x-www-form-urlencoded", "x-twilio-signature": signature}
    return Request("POST", url, headers, urlencode(form).encode())
