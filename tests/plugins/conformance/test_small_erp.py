"""The kit on a small ERP of our own, which passes every check."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from einvoice_plugins.conformance.kit import Conformance
from tests.plugins.small.erp import SmallErp


class TestSmallErp(Conformance):
    """Every check of the kit."""

    @pytest.fixture
    def plugin(self, tmp_path: Path) -> Iterator[SmallErp]:
        erp = SmallErp(tmp_path)
        yield erp
        erp.engine.dispose()
