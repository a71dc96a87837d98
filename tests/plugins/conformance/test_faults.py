"""The kit finds what it is for: each check fails on a plugin with its fault, and no check is without one."""

from __future__ import annotations

from pathlib import Path

import pytest

from einvoice_plugins.conformance.checks import CHECKS, Nonconformance
from tests.plugins.small.faulty import FAULTS, Fault


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.plugin.__name__)
def test_a_fault_is_found_by_its_checks(fault: Fault, tmp_path: Path) -> None:
    for number, name in enumerate(fault.found_by):
        (tmp_path / str(number)).mkdir()
        plugin = fault.plugin(tmp_path / str(number))
        with pytest.raises(Nonconformance):
            CHECKS[name](plugin)
        plugin.engine.dispose()


def test_every_check_has_a_fault_that_it_finds() -> None:
    assert {name for fault in FAULTS for name in fault.found_by} == set(CHECKS)
