"""The documentation's sessions say what the commands print."""

from __future__ import annotations

import os

import pytest

from tests.cli.documented import DOCS, PAGES, rendered


@pytest.mark.skipif(os.name == "nt", reason="the sessions are of a POSIX shell")
@pytest.mark.parametrize("name", PAGES)
def test_sessions_are_what_the_commands_print(name: str) -> None:
    page = (DOCS / name).read_text("utf-8")
    assert rendered(page) == page, "run `python -m tests.cli.documented`"
