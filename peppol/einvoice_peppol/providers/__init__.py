"""Hosted access points, for companies that run none: one protocol, an adapter each."""
