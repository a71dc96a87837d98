"""The one outbox: every effect outside is a row before it happens, and nothing is sent twice."""

from einvoice.outbox.effect import NEXT, Effect, Outcome, Owner, Permission, Resend, Sender, Settled, State, Store

__all__ = ["NEXT", "Effect", "Outcome", "Owner", "Permission", "Resend", "Sender", "Settled", "State", "Store"]
