"""The invariants of the whole run, in random orders of everything that may happen before, between and during its phases."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from tests.receivables.run_machine import drive
from tests.scale import scaled


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Senders fall over on purpose; nobody reads the logs of thousands of them."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def test_few_examples() -> None:
    done = drive(5, 18)
    assert done["handed in"]
    assert done["due"]


@pytest.mark.slow
def test_many_examples() -> None:
    done = drive(scaled(150), derandomize=False)
    assert done["handed in"]
    assert done["between"]
    assert done["due"]
