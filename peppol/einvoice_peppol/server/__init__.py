"""The server that other access points reach: `app` makes it. Needs the extras `peppol` and `server`."""

from einvoice_peppol.server.application import app
from einvoice_peppol.server.desk import Means

__all__ = ["Means", "app"]
