"""Drafts: invoices as JSON or CSV, for programs that do not speak Python. `docs/drafts.md` describes both.

`read_draft(path)` gives the invoices as they are stated; `einvoice.calculate` fills in what follows from them.
"""

from einvoice.drafts.draft import Draft, read_draft, read_drafts
from einvoice.drafts.missing import missing

__all__ = ["Draft", "missing", "read_draft", "read_drafts"]
