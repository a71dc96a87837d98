"""Reads one file or checks its structure; prints the peak of this process's memory in MB."""

from __future__ import annotations

import resource
import sys
from pathlib import Path


def main(work: str, path: str) -> None:
    """The work, `read` or `check`, then the peak."""
    file = Path(path)
    if work == "read":
        import einvoice

        assert einvoice.read(file).lines
    else:
        from einvoice.formats import guard, structure

        assert not structure.check(guard.parse(file).root)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(peak / (1024 * 1024 if sys.platform == "darwin" else 1024))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
