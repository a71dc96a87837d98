"""Addresses that an SML, an SMP or a redirect names: https, nothing but a host and a path, and no way into this machine or its network."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

_HERE = frozenset({"localhost", "127.0.0.1", "::1"})
_LONGEST = 2_000
_NAME = re.compile(r"(?!.{254})([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.?", re.ASCII)
"""A name as the DNS has it: others are decoded or mapped by whoever connects, to what nobody looked at here."""
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*", re.ASCII)
_WITHIN = ipaddress.ip_network("64:ff9b::/96")
"""Addresses of version 6 that lead to one of version 4 (RFC 6052)."""


def checked(url: str, local: bool) -> str:
    """The address, where a request may go to it.

    SMPs and access points are reached by https alone (SMP 1.4.0, AS4 profile 2.0.3). `local` says that the network itself is one on
    this machine, a test's: then http to it is fine as well. Otherwise whoever registers an address could make us ask servers of our
    own network, so that an address in numbers that is not public, and this machine's name, are refused. Raises ValueError.
    """
    text = url.strip()
    if not text.isprintable() or " " in text or "\\" in text or len(text) > _LONGEST:
        raise ValueError(f"{text[:80]!r} is no web address")
    parts = urlsplit(text)
    host = parts.hostname
    if not host or parts.username is not None or parts.password is not None or parts.fragment:
        raise ValueError(f"{text!r} is no plain web address")
    if ":" not in host and _NAME.fullmatch(host) is None:
        raise ValueError(f"{text[:80]!r} names no host as the DNS has them")
    _ = parts.port  # raises ValueError where it is no number of a port
    here = host.rstrip(".") in _HERE
    if parts.scheme != "https" and not (parts.scheme == "http" and here and local):
        raise ValueError(f"{text!r} does not begin with https://")
    if not local and (here or host.rstrip(".").endswith(".localhost") or not _is_public(host)):
        raise ValueError(f"{text!r} leads into this machine or its network")
    return text


def _is_public(host: str) -> bool:
    """Whether an address in numbers is one of the Internet; names are taken to be."""
    try:
        found = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return _NUMBER.fullmatch(host.rstrip(".").rpartition(".")[2]) is None  # 2130706433, 127.1 and 0x7f.1 are this machine in disguise
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.sixtofour or (ipaddress.IPv4Address(int(found) & 0xFFFFFFFF) if found in _WITHIN else None)
        return found.is_global and (inner is None or inner.is_global)
    return found.is_global
