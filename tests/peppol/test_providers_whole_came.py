"""eConnect, Recommand, Billit: what came there is told, fetched, kept once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from einvoice_peppol.inbox.hosted import hosted_id
from tests.peppol import hosted_more, networks
from tests.peppol.hosted_more import comes, told
from tests.peppol.hosted_world import Hosted, call, hearing
from tests.peppol.sending_world import invoice
from tests.providers.paying import Reply

RECEIVING = ("econnect", "recommand", "billit")


@pytest.fixture(scope="module")
def here() -> Iterator[networks.Here]:
    """A network, which a hosted access point asks itself."""
    with networks.standing() as found:
        yield found


@pytest.fixture
def hosted(tmp_path: Path, here: networks.Here, request: Any) -> Iterator[Hosted]:
    here.clock.now = networks.NOW
    with hosted_more.standing(tmp_path, here, request.param) as found:
        yield found


def by(*names: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("hosted", names, indirect=True)


@by(*RECEIVING)
def test_what_came_is_kept_once_however_often_it_is_told(hosted: Hosted) -> None:
    refs = [comes(hosted, invoice(number)) for number in "123"]
    with hearing(hosted) as base:
        for ref in refs:
            assert [call(base, hosted.name, told(hosted, ref, "came")) for _ in range(2)] == [204, 204]
    hosted.fetch()
    assert sorted(row.message_id for row in hosted.came()) == sorted(hosted_id(hosted.name, ref) for ref in refs)
    assert {(row.via, row.kind) for row in hosted.came()} == {(hosted.name, "invoice")}


@by("recommand", "billit")
def test_without_webhooks_what_came_is_found_as_well(hosted: Hosted) -> None:
    refs = [comes(hosted, invoice(str(number))) for number in range(12)]
    assert hosted.fetch() == (12, 0, 0, 0)
    assert hosted.fetch() == (0, 0, 0, 0)
    assert len(hosted.came()) == len(refs)


@by(*RECEIVING)
def test_what_cannot_be_fetched_now_is_told_again(hosted: Hosted) -> None:
    ref = comes(hosted, invoice("1"))
    with hearing(hosted) as base:
        hosted.service.trouble = [Reply(500, b"")] * 9
        assert (call(base, hosted.name, told(hosted, ref, "came")), hosted.came()) == (503, [])
        hosted.service.trouble = []
        assert (call(base, hosted.name, told(hosted, ref, "came")), len(hosted.came())) == (204, 1)
