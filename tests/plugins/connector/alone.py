"""Runs an experiment that forks in an interpreter of its own: a fork of a process whose threads others started may stand still."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).parents[3]
_PATIENCE = 900


def alone(module: str, call: str) -> Any:
    """What a function of `tests.plugins.connector.MODULE` gives, called as `call` says: tuples as lists, by the order of their fields."""
    program = f"import json; from tests.plugins.connector import {module}; print('\\n' + json.dumps({module}.{call}))"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=_PATIENCE, cwd=_ROOT, check=False)
    assert ran.returncode == 0, ran.stderr[-3_000:]
    return json.loads(ran.stdout.splitlines()[-1])
