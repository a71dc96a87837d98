"""The checks as tests of pytest: `class TestMine(Conformance)` with a fixture `plugin` that gives a fresh `plugin.Plugin`."""

from __future__ import annotations

import pytest

from einvoice_plugins.conformance.checks import CHECKS
from einvoice_plugins.conformance.plugin import Plugin


class Conformance:
    """To be inherited; `plugin` is called once a check."""

    @pytest.fixture
    def plugin(self) -> Plugin:
        """An ERP with the plugin under test, fresh."""
        raise NotImplementedError("give a fixture `plugin` that makes a Plugin")

    @pytest.mark.parametrize("check", CHECKS)
    def test_it_conforms(self, plugin: Plugin, check: str) -> None:
        """Each check on an ERP of its own."""
        CHECKS[check](plugin)
