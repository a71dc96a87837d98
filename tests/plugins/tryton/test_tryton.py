"""The Tryton module's own tests, on the real Tryton of each series."""

from __future__ import annotations

import pytest

from tests.plugins.tryton import running


@pytest.mark.slow
@pytest.mark.parametrize("series", running.SERIES)
def test_the_module_holds_on_a_real_tryton(series: str) -> None:
    try:
        ran = running.run(series)
    except running.Absent as absent:
        pytest.skip(str(absent))
    assert ran.holds, ran.output[-5_000:]
