"""Channels: how a message reaches a debtor. Each is a `einvoice.outbox.Sender`; what has none becomes a task for a person."""
