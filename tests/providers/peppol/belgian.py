"""Peppyrus and e-invoice.be beside servers that behave as they say: how each is set up, what may happen to a document, what came, hooks."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from einvoice.errors import Rejected, TransportError
from einvoice.outbox import Outcome, State
from einvoice.settings import peppol as settings
from einvoice_peppol.http import Client
from einvoice_peppol.identifiers import Participant
from einvoice_peppol.providers import einvoicebe, peppyrus
from einvoice_peppol.providers.port import Call, Provider, Untrusted
from tests.providers.paying import Reply
from tests.providers.peppol import einvoicebe as einvoicebes
from tests.providers.peppol import peppyrus as peppyruses
from tests.providers.peppol.cases import NOW, PATIENCE, Case, beside, kept, submission

_LITTLE = 0.5
HTML = Reply(200, b"<html>Welcome</html>", {"Content-Type": "text/html"})
_ELSEWHERE = Reply(302, b"", {"Location": "http://127.0.0.1:9/"})


def _peppyrus(base: str, secret: Any, patience: float) -> Provider:
    section = settings.Peppyrus(secret(peppyruses.KEY), f"{base}/v1", secret(peppyruses.HOOK))
    made = peppyrus.of(section, Client(), patience)
    assert made is not None
    return made


def _einvoicebe(base: str, secret: Any, patience: float) -> Provider:
    section = settings.EInvoiceBe(secret(einvoicebes.KEY), base, secret(einvoicebes.HOOK))
    made = einvoicebe.of(section, Client(), patience)
    assert made is not None
    return made


def _posted(service: peppyruses.Peppyrus) -> list[bytes]:
    return [base64.b64decode(one["fileContent"]) for one in service.messages.values() if one["direction"] == "OUT"]


def _sent(service: einvoicebes.EInvoiceBe) -> list[bytes]:
    return [service.files[ref] for ref in service.sent]


def _none(_what: Any, _at: datetime) -> Any:
    """Their hooks are made by their servers, which know the documents that they tell of."""
    raise NotImplementedError


PEPPYRUS = Case("peppyrus", peppyruses.Peppyrus, _peppyrus, _posted, _none, _none, _none)
EINVOICEBE = Case("e-invoice.be", einvoicebes.EInvoiceBe, _einvoicebe, _sent, _none, _none, _none)
CASES = {case.name: case for case in (PEPPYRUS, EINVOICEBE)}
_DRAFTING: Mapping[str, Reply] = {
    "a fault": Reply(500, {"detail": "oops"}),
    "not available": Reply(503, b""),
    "broken off": Reply(None),
    "too slow": Reply(201, {"id": "doc_1"}, wait=2 * _LITTLE),
    "led elsewhere": _ELSEWHERE,
    "a page": HTML,
    "no id": Reply(201, {"state": "DRAFT"}),
    "too often": Reply(429, {}, {"Retry-After": "7"}),
}
_SENDING: Mapping[str, tuple[Reply | None, State]] = {
    "a fault": (Reply(500, {"detail": "oops"}), State.UNKNOWN),
    "not available": (Reply(503, b""), State.UNKNOWN),
    "broken off": (Reply(None), State.UNKNOWN),
    "too slow": (Reply(200, {"state": "TRANSIT"}, wait=2 * _LITTLE), State.UNKNOWN),
    "led elsewhere": (_ELSEWHERE, State.UNKNOWN),
    "a page": (HTML, State.UNKNOWN),
    "another document": (Reply(200, {"id": "doc_2", "state": "TRANSIT"}), State.UNKNOWN),
    "still a draft": (Reply(200, {"id": "doc_2", "state": "DRAFT"}), State.UNKNOWN),
    "sent, and the answer lost": (None, State.UNKNOWN),
    "no draft any more": (Reply(405, {"detail": "Document is not in draft state"}), State.UNKNOWN),
    "not validated": (Reply(400, {"detail": "Document UBL is not validated yet"}), State.FAILED),
    "not valid": (Reply(406, {"detail": "Document can not be validated as valid UBL document"}), State.FAILED),
    "too often": (Reply(429, {}, {"Retry-After": "7"}), State.PLANNED),
}


def drafted(folder: Path) -> dict[str, bool]:
    """What may happen while e-invoice.be makes a draft: nothing was sent, whatever happens, and it is tried again."""
    found = {}
    for name, trouble in _DRAFTING.items():
        with beside(EINVOICEBE, folder, patience=_LITTLE if trouble.wait else PATIENCE) as (service, provider):
            service.trouble = [trouble]
            outcome = provider.send(submission())
            waits = outcome.retry_after == (7.0 if trouble.status == 429 else None)
            found[name] = outcome.state is State.PLANNED and not service.sent and waits
    with beside(EINVOICEBE, folder) as (service, provider):
        service.cuts = 1
        found["made, and the answer lost"] = provider.send(submission()).state is State.PLANNED and not service.sent
        found["no UBL"] = provider.send(submission(data=b"<Order/>")).state is State.FAILED and not service.sent
        other = submission().document._replace(value="urn:x::Order##urn:y::2.1")
        found["another kind"] = provider.send(submission(document=other)).state is State.FAILED
    return found | _let_in(EINVOICEBE, folder)


def sent(folder: Path) -> dict[str, bool]:
    """What may happen while e-invoice.be sends a draft: known by its id where it may be on its way, gone where it is refused."""
    found = {}
    for name, (trouble, state) in _SENDING.items():
        with beside(EINVOICEBE, folder, patience=_LITTLE if trouble and trouble.wait else PATIENCE) as (service, provider):
            service.on_send = [trouble]
            outcome = provider.send(submission())
            drafts = [ref for ref, one in service.documents.items() if one["state"] == "DRAFT"]
            known = outcome.provider in service.documents if state is State.UNKNOWN else not drafts
            found[name] = outcome.state is state and known and len(service.sent) == (trouble is None)
    with beside(EINVOICEBE, folder) as (service, provider):
        outcome = provider.send(submission(sender=Participant("0208", einvoicebes.STRANGER)))
        found["not our sender"] = (outcome.state, service.sent, service.documents) == (State.FAILED, [], {})
        outcome = provider.send(submission())
        asked = service.parties[str(outcome.provider)]
        parties = (asked["sender_peppol_id"], asked["receiver_peppol_scheme"], asked["receiver_peppol_id"])
        found["sent byte for byte, from and to whom it says"] = (
            outcome.state is State.SENT and _sent(service) == [submission().data] and parties == ("0428759497", "0208", "0999999031")
        )
    return found


def _let_in(case: Case, folder: Path) -> dict[str, bool]:
    with beside(case, folder, key="a-wrong-key") as (service, provider):
        wrong = provider.send(submission())
    there = case.adapter("http://127.0.0.1:9", lambda secret: kept(folder, secret), PATIENCE)
    return {
        "a wrong key is ours to mend": (wrong.state, case.made(service)) == (State.PLANNED, []) and "a-wrong-key" not in str(wrong.reason),
        "nobody there": there.send(submission()).state is State.PLANNED,
    }


def asked(case: Case, folder: Path) -> dict[str, bool]:
    """What became of a document, and what came: as it is, and with everything that may be wrong with an answer."""
    with beside(case, folder) as (service, provider):
        service.base = getattr(provider, "_section").api  # noqa: B009 - where its files are
        ref = str(provider.send(submission()).provider)
        found = {"on its way": _is(provider.status(ref), State.SENT)}
        (service.delivers if case is PEPPYRUS else service.arrive)(ref)
        found["delivered"] = _is(provider.status(ref), State.DELIVERED)
        (service.fails if case is PEPPYRUS else service.fail)(ref)
        failed = provider.status(ref)
        found["came back, and why"] = _is(failed, State.BOUNCED) and "does not answer" in str(failed and failed.reason)
        found["an id that is not known"] = _raises(provider, Rejected, "nothing") and _raises(provider, Rejected, "..")
        for status, kind in ((500, TransportError), (401, TransportError), (429, TransportError), (410, Rejected)):
            service.trouble = [Reply(status, {"detail": "no"})]
            found[f"HTTP {status}"] = _raises(provider, kind, ref)
        for name, body in {"a page": HTML.body, "a list": [], "no state": {"id": ref}, "another": {"id": "x", "state": "SENT"}}.items():
            service.trouble = [Reply(200, body)]
            found[name] = _raises(provider, Rejected, ref)
        found |= _came(case, service, provider)
    return found


def _came(case: Case, service: Any, provider: Provider) -> dict[str, bool]:
    """More than a page of documents that came: each listed once, the oldest fetched as it was sent."""
    ids = [comes(case, service, submission().data) for _ in range(205)]
    taken = provider.fetch(ids[0])
    whole = (taken.data, taken.sender, taken.receiver) == (submission().data, submission().sender, submission().receiver)
    found = {"all pages": sorted(provider.waiting()) == sorted(ids), "fetched": whole and taken.at is not None}
    provider.confirm(ids[0])
    provider.confirm(ids[0])
    found["confirmed, twice"] = (ids[0] in list(provider.waiting())) == (case is EINVOICEBE)  # whose inbox lists everything
    for name, body in {"a page": HTML.body, "no items": {"meta": {"pages": 1}}, "items that are none": {"items": [1], "meta": {}}}.items():
        service.trouble = [Reply(200, body)]
        found[f"a list that is {name}"] = _lists_nothing(provider)
    return found


def comes(case: Case, service: Any, data: bytes) -> str:
    """A document comes for us; the provider's id."""
    who = submission()
    if case is PEPPYRUS:
        return str(service.comes(data, who.sender.id, who.receiver.id, str(who.document), str(who.process)))
    return str(service.comes(data, tuple(who.sender), tuple(who.receiver)))


def believed(case: Case, folder: Path) -> tuple[list[Outcome | None], dict[str, bool]]:
    """What good hooks tell (came, delivered, came back), and of the forged ones whether each was refused."""
    with beside(case, folder) as (service, provider):
        service.base = getattr(provider, "_section").api  # noqa: B009 - the same
        ref = str(provider.send(submission()).provider)
        told = []
        for call in _good(case, service, ref):
            (news,) = provider.hear(call, NOW)
            told.append(news.outcome)
        return told, {name: _is_untrusted(provider, call) for name, call in forged(case, service, ref).items()}


def _good(case: Case, service: Any, ref: str) -> Iterator[Call]:
    came = comes(case, service, submission().data)
    yield service.hook(came) if case is PEPPYRUS else einvoicebes.hook(came, "document.received")
    (service.delivers if case is PEPPYRUS else service.arrive)(ref)
    yield service.hook(ref) if case is PEPPYRUS else einvoicebes.hook(ref)
    (service.fails if case is PEPPYRUS else service.fail)(ref)
    yield service.hook(ref) if case is PEPPYRUS else einvoicebes.hook(ref, "document.sent.failed")


def forged(case: Case, service: Any, ref: str) -> Mapping[str, Call]:
    if case is PEPPYRUS:
        call = service.hook(ref)
        return {
            "no secret": service.hook(ref, None),
            "an empty secret": service.hook(ref, ""),
            "another secret": service.hook(ref, "another"),
            "signs beyond ASCII": service.hook(ref, "sécret"),
            "two secrets": call._replace(url=f"{call.url}&secret=another"),
            "many fields": call._replace(url=call.url + "&a=1" * 50),
        }
    good = einvoicebes.hook(ref)
    stated = good.headers["x-signature"]
    return {
        "no signature": good._replace(headers={}),
        "an empty signature": good._replace(headers={"x-signature": ""}),
        "no scheme": good._replace(headers={"x-signature": stated.removeprefix("sha256=")}),
        "half a signature": good._replace(headers={"x-signature": stated[:-32]}),
        "signs beyond ASCII": good._replace(headers={"x-signature": stated + "é"}),
        "another secret": einvoicebes.hook(ref, shared="another"),
        "another document": good._replace(body=good.body.replace(ref.encode(), b"doc_2")),
        "another event": good._replace(body=good.body.replace(b'"document.sent"', b'"document.sent.failed"')),
    }


@contextmanager
def without_secret(case: Case, folder: Path) -> Iterator[Provider]:
    """The adapter where no secret of webhooks is set."""
    if case is PEPPYRUS:
        made: Provider | None = peppyrus.of(settings.Peppyrus(kept(folder, "k"), "http://127.0.0.1:9"), Client())
    else:
        made = einvoicebe.of(settings.EInvoiceBe(kept(folder, "k"), "http://127.0.0.1:9"), Client())
    assert made is not None
    yield made


def _is(outcome: Outcome | None, state: State) -> bool:
    return outcome is not None and outcome.state is state


def _raises(provider: Provider, kind: type[Exception], ref: str) -> bool:
    try:
        provider.status(ref)
    except kind:
        return True
    return False


def _lists_nothing(provider: Provider) -> bool:
    try:
        list(provider.waiting())
    except Rejected:
        return True
    return False


def _is_untrusted(provider: Provider, call: Call) -> bool:
    try:
        provider.hear(call, NOW)
    except Untrusted:
        return True
    return False
