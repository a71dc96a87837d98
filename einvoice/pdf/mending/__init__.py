"""Mending: what a PDF from an ERP has that PDF/A-3 forbids, taken out or put right where that changes nothing on its pages.

What would change them is left as it is; the conditions find it, and say what to change.
"""

from einvoice.pdf.mending.forms import is_signed
from einvoice.pdf.mending.mend import mend

__all__ = ["is_signed", "mend"]
