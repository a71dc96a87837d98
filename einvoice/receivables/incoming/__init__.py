"""What providers and payers tell us: signed calls, bounces; each heard once, and followed up in the transaction that hears it."""
