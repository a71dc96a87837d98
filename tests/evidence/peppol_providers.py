"""Hosted access points, each beside a local server that behaves as its documentation says; e-invoice.be's also driven by its own client."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.evidence import Figure, figure, scaled
from tests.evidence.peppol_interop import _tests

_BAR = "every behaviour known for what it is; good hooks believed, forged ones not; the whole way holds"


@figure("provider-peppyrus", bar=_BAR, item=9)
def peppyrus() -> Figure:
    """Errors, lost answers, what became of it, what came, hooks; then documents through everything in bad weather."""
    from tests.providers.peppol import trying
    from tests.providers.peppol.belgian import PEPPYRUS

    return _provider("peppyrus", lambda folder: trying.tried(PEPPYRUS, folder))


@figure("provider-e-invoice-be", bar=_BAR, item=9)
def e_invoice_be() -> Figure:
    """The same in its two steps, a draft and its sending."""
    from tests.providers.peppol import belgian

    return _provider(
        "e-invoice.be", lambda folder: {**belgian.drafted(folder), **{f"sending: {at}": ok for at, ok in belgian.sent(folder).items()}}
    )


@figure("provider-client", bar="e-invoice-api 1.39.1 (strict) understands our local server: drafts, sending, inbox, 7 errors", item=9)
def client() -> Figure:
    """The provider's own client in an environment of its own."""
    return _tests("test_e_invoice_api.py")


def _provider(name: str, tried: Callable[[Path], dict[str, bool]]) -> Figure:
    from tests.peppol import hosted_story
    from tests.providers.peppol import belgian

    case = belgian.CASES[name]
    with _folder() as folder:
        found = tried(folder)
    with _folder() as folder:
        found |= {f"asked: {at}": ok for at, ok in belgian.asked(case, folder).items()}
    with _folder() as folder:
        told, forged = belgian.believed(case, folder)
    count = scaled(60)
    with _network() as here, _folder() as folder:
        story = hosted_story.told(folder, here, name, count)
    wrong = [at for at, ok in found.items() if not ok]
    refused = sum(forged.values())
    good = [outcome and outcome.state.value for outcome in told] == [None, "delivered", "bounced"]
    value = (
        f"{len(found) - len(wrong)} of {len(found)} behaviours{f' (not: {wrong})' if wrong else ''}; "
        f"3 good hooks {'' if good else 'not '}believed, "
        f"{refused} of {len(forged)} forged refused; {count} sent in bad weather: {story.twice} twice, {story.wrong} said wrongly, "
        f"{dict(story.states)}; {story.kept} of {story.came} that came kept once"
    )
    return Figure(value, not wrong and good and refused == len(forged) and story.holds)


@contextmanager
def _folder() -> Iterator[Path]:
    with TemporaryDirectory() as folder:
        yield Path(folder)


@contextmanager
def _network() -> Iterator[Any]:
    from tests.peppol import networks

    with networks.standing() as here:
        yield here
