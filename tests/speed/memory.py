"""Reads one file, checks its structure or validates it; prints the peak of this process's memory in MB."""

from __future__ import annotations

import importlib
import re
import resource
import sys
from pathlib import Path


def main(work: str, path: str) -> None:
    """The work, `read`, `check` or `validate`, then the peak."""
    file = Path(path)
    if work == "read":
        import einvoice

        assert einvoice.read(file).lines
    elif work == "validate":
        assert str(importlib.import_module("einvoice").validate(file).verdict) == "valid"
    else:
        from einvoice.formats import guard, structure

        assert not structure.check(guard.parse(file).root)
    print(peak())


def peak() -> float:
    """This program's own peak: what the system counts for a process includes the parent it was forked from."""
    status = Path("/proc/self/status")
    if status.exists():
        return int(re.findall(r"VmHWM:\s*(\d+) kB", status.read_text())[0]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 * 1024 if sys.platform == "darwin" else 1024)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
