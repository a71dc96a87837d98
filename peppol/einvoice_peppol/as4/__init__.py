"""AS4 exactly as the Peppol profile 2.0.3 says: messages built and judged, receipts made and verified. No I/O of its own."""
