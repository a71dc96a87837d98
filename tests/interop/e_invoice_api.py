"""e-invoice-api 1.39.1, the provider's own Python client: whether our local server of e-invoice.be answers as the real one does.

The client validates every answer against the provider's schemas (strict), so a server that it understands is none of our invention.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from tests.interop import environments
from tests.interop.processes import Broken

_PATIENCE = 120


def ask(base: str, key: str, document: bytes, folder: Path, **more: Any) -> dict[str, Any]:
    """Drives a server with the client: what it understood, by the name of each step.

    Raises folders.Absent where the client cannot be had, Broken.
    """
    python = environments.python("e-invoice-api", "e-invoice-api==1.39.1")
    (folder / "document.xml").write_bytes(document)
    asked = {"base": base, "key": key, "document": str(folder / "document.xml"), **more}
    command: list[str | Path] = [python, "-P", Path(__file__).parent / "e_invoice_api_driver.py"]
    ran = subprocess.run(command, input=json.dumps(asked), capture_output=True, text=True, timeout=_PATIENCE, check=False)
    if ran.returncode:
        raise Broken(f"e-invoice-api ended with {ran.returncode}: {ran.stderr[-2_000:]}")
    said: dict[str, Any] = json.loads(ran.stdout)
    return said
