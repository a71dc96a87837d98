"""eConnect, Recommand, Storecove, Billit: each beside a server that behaves as its published documentation says, with its errors."""

from __future__ import annotations

import logging
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.evidence import Figure, figure, scaled

_BAR = "every behaviour known for what it is; its own hooks heard, no forged one; 0 twice there, 0 said to be sent that are not"


@figure("hosted-econnect", bar=_BAR + "; what is lost goes again under the same id, 0 unknown", item=9)
def econnect() -> Figure:
    """Tokens, uploads under ids of ours, 409 for a repeat, states, signed hooks."""
    return _provider("econnect")


@figure("hosted-recommand", bar=_BAR + "; what is lost is unknown, each", item=9)
def recommand() -> Figure:
    """Basic authentication, sending at once without keys, the inbox, hooks with our secret in their address."""
    return _provider("recommand")


@figure("hosted-storecove", bar=_BAR + "; what is lost is unknown, each", item=9)
def storecove() -> Figure:
    """Submissions with a guid whose repeat looks like a refusal, evidence, hooks with our secret in their address."""
    return _provider("storecove")


@figure("hosted-billit", bar=_BAR + "; what is lost is unknown, each", item=9)
def billit() -> Figure:
    """UBL in JSON, the inbox of ten, hooks signed with their time."""
    return _provider("billit")


@figure("hosted-received", bar="each that came kept once, whatever is told twice, lost or asked for again; 0 lost, 0 twice", item=9)
def received() -> Figure:
    """What came at the three that receive, told by hooks twice and polled, while they err."""
    from tests.peppol import networks
    from tests.peppol.hosted_many import came

    number = scaled(30)
    found = {}
    with networks.standing() as here, _quiet():
        for name in ("econnect", "recommand", "billit"):
            with TemporaryDirectory() as home:
                found[name] = came(name, Path(home), here, number)
    value = "; ".join(f"{name} {kept} of {number} kept, {rows} rows" for name, (kept, rows) in found.items())
    return Figure(value, all((kept, rows) == (number, number) for kept, rows in found.values()))


def _provider(name: str) -> Figure:
    from tests.peppol import networks
    from tests.peppol.hosted_many import many
    from tests.providers.peppol.cases import CASES
    from tests.providers.peppol.trying import believed, tried

    case, number = CASES[name], scaled(40)
    with TemporaryDirectory() as home:
        found = tried(case, Path(home))
        good, forged = believed(case, Path(home))
    with TemporaryDirectory() as home, networks.standing() as here, _quiet():
        of = many(name, Path(home), here, number)
    right = sum(found.values()) == len(found) and good == 1 and all(forged.values())
    unknown = 0 if name == "econnect" else of.lost
    value = (
        f"{sum(found.values())} of {len(found)} behaviours; {good} good hook heard, "
        f"{sum(forged.values())} of {len(forged)} forged refused; "
        f"{number} documents, {of.lost} answers lost: {dict(of.states)}, {of.twice} twice, {of.claimed} claimed, {of.wrong} hooks misjudged"
    )
    settled = sum(of.states[state] for state in ("sent", "delivered", "bounced"))
    holds = (of.twice, of.claimed, of.wrong, of.states["unknown"], settled) == (0, 0, 0, unknown, number - unknown)
    return Figure(value, right and holds and of.lost > 0)


class _quiet:  # noqa: N801 - read as a word
    """Warnings are what is measured here."""

    def __enter__(self) -> None:
        logging.disable(logging.WARNING)

    def __exit__(self, *_: object) -> None:
        logging.disable(logging.NOTSET)
