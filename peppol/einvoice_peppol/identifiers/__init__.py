"""Who and what travels in the network: participants, document types, processes (Policy for use of Identifiers 4.4.0)."""

from einvoice_peppol.identifiers.values import DocumentType, Participant, Process

__all__ = ["DocumentType", "Participant", "Process"]
