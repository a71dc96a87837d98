"""Structure-checks one file, then reads it; prints the peak of this process's memory in MB."""

from __future__ import annotations

import resource
import sys
from pathlib import Path

import einvoice
from einvoice.formats import guard, structure


def main(path: str) -> None:
    """The work, then the peak."""
    data = Path(path).read_bytes()
    assert not structure.check(guard.parse(data).root)
    assert einvoice.read(data).lines
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(peak / (1024 * 1024 if sys.platform == "darwin" else 1024))


if __name__ == "__main__":
    main(sys.argv[1])
