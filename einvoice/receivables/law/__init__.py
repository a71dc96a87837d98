"""The law of late payment: dated tables as data, one file a country, and what follows from them.

The law comes after the policy and may only delay, veto or lower. Every figure carries a source, a date and a confidence, which are
shown; an unknown country has no statutory claim. Nothing here is legal advice.
"""

from einvoice.receivables.law.laws import Laws, load
from einvoice.receivables.law.ruling import Asked, Law, Ruling

__all__ = ["Asked", "Law", "Laws", "Ruling", "load"]
