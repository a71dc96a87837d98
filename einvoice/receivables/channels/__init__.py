"""Channels: how a message leaves; each a port with a real adapter."""
