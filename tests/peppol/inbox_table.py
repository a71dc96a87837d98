"""A table that a handler writes to: what was handed over, each message as often as it was."""

from __future__ import annotations

from sqlalchemy import Column, Integer, MetaData, String, Table

TAKEN = Table("test_taken", MetaData(), Column("id", Integer, primary_key=True), Column("message_id", String(200), nullable=False))
