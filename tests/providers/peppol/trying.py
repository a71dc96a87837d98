"""What may happen to a document, and who may call a hook: done to our adapters beside their servers, and judged.

`tried` sends through everything that may happen to a document, `believed` brings hooks that are good and hooks that are not.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from einvoice.outbox import Outcome, State
from einvoice_peppol.providers import econnect
from einvoice_peppol.providers.port import Call, Provider, Untrusted
from tests.providers.paying import Reply, Service
from tests.providers.peppol.cases import NOW, PATIENCE, Case, beside, kept, submission


def tried(case: Case, folder: Path) -> dict[str, bool]:
    """What may happen to a document, and whether each is known for what it is."""
    found = {name: _sent(case, folder, trouble) == (state, 0) for name, (trouble, state) in _TROUBLE.items()}
    with beside(case, folder) as (service, provider):
        outcome = provider.send(submission())
        found["taken, and byte for byte"] = (
            bool(outcome.provider) and _is(outcome, State.SENT) and case.made(service) == [submission().data]
        )
        refused = provider.send(submission("peppol:2", data=b"<Order/>"))
        found["refused for good"] = _is(refused, State.FAILED) and bool(refused.reason) and len(case.made(service)) == 1
    with beside(case, folder, key="a-wrong-key") as (service, provider):
        found["a wrong key is ours to mend"] = (provider.send(submission()).state, case.made(service)) == (State.PLANNED, [])
    with beside(case, folder) as (service, provider):
        service.trouble = [Reply(429, {}, {"Retry-After": "7"})]
        _let_in_first(service, provider)
        outcome = provider.send(submission())
        found["too often"] = (outcome.state, outcome.retry_after, case.made(service)) == (State.PLANNED, 7.0, [])
    found["an answer that is lost"] = _lost(case, folder)
    found["nobody there"] = (
        case.adapter("http://127.0.0.1:9", lambda secret: kept(folder, secret), PATIENCE).send(submission()).state is State.PLANNED
    )
    return found


_LITTLE = 0.8
_SAYS_YES = {"success": True, "sentOverPeppol": True}
_TROUBLE: Mapping[str, tuple[Reply, State]] = {
    "a fault there": (Reply(500, {"message": "oops"}), State.UNKNOWN),
    "not available": (Reply(503, b""), State.UNKNOWN),
    "broken off": (Reply(None), State.UNKNOWN),
    "too slow": (Reply(200, {}, wait=2 * _LITTLE), State.UNKNOWN),
    "led elsewhere": (Reply(302, b"", {"Location": "http://127.0.0.1:9/"}), State.UNKNOWN),
    "a page instead of an answer": (Reply(200, b"<html>Welcome</html>", {"Content-Type": "text/html"}), State.UNKNOWN),
    "an answer without an id": (Reply(200, _SAYS_YES), State.UNKNOWN),
    "an id that is none": (
        Reply(200, {**_SAYS_YES, "id": [1], "guid": {}, "InboxItemID": True}),
        State.UNKNOWN,
    ),
}


def _sent(case: Case, folder: Path, trouble: Reply) -> tuple[State, int]:
    with beside(case, folder, patience=_LITTLE if trouble.wait else PATIENCE) as (service, provider):
        service.trouble = [trouble]
        _let_in_first(service, provider)
        return provider.send(submission()).state, len(case.made(service))


def _lost(case: Case, folder: Path) -> bool:
    """The answer to a document that was taken is lost; sent again, as its port says, it is still one."""
    with beside(case, folder) as (service, provider):
        _let_in_first(service, provider)
        service.cuts = 1
        is_known = provider.send(submission()).state is State.UNKNOWN and len(case.made(service)) == 1
        if not provider.recognises_keys:
            return is_known
        again = provider.send(submission())
        return is_known and (again.state, len(case.made(service))) == (State.SENT, 1) and bool(again.provider)


def _let_in_first(service: Service, provider: Provider) -> None:
    """A provider with tokens fetches one before the trouble begins, so that the trouble is the document's."""
    if isinstance(provider, econnect.EConnect):
        trouble, service.trouble = service.trouble, []
        provider._tokens.headers()
        service.trouble = trouble


def believed(case: Case, folder: Path) -> tuple[int, dict[str, bool]]:
    """How many news a good hook tells, and of the forged ones whether each was refused."""
    with beside(case, folder) as (_, provider):
        good = len(provider.hear(case.hook("7d6f2a1c", NOW), NOW))
        return good, {name: _is_untrusted(provider, call) for name, call in case.forged("7d6f2a1c", NOW).items()}


def _is_untrusted(provider: Provider, call: Call) -> bool:
    try:
        provider.hear(call, NOW)
    except Untrusted:
        return True
    return False


def _is(outcome: Outcome, state: State) -> bool:
    return outcome.state is state and outcome.answered
