"""Peppol: finds the receiver, sends, receives, and proves it.

Importing this package costs nothing: what it offers is loaded when it is first used. Needs the extra `peppol`.
"""
