"""The evidence of one message, out or in, as one zip that speaks for itself: what was sent, the receipt, the certificates, the hashes."""

from einvoice_peppol.sending.proof.exporting import export, write
from einvoice_peppol.sending.proof.verifying import Check, verify

__all__ = ["Check", "export", "verify", "write"]
