"""The body of a request: taken in as it comes, bounded in size and time, in memory while it is small and then in a scratch file."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import BinaryIO, NamedTuple

from einvoice_peppol.bodies import Bodies

_STEP = 1 << 18


class TooLarge(Exception):
    """A body of more bytes than are taken."""


class TooSlow(Exception):
    """A body that stands still, or comes slower than is waited for."""


class Pace(NamedTuple):
    """How slow a body may come: seconds that it may stand still, and bytes a second in all once these are over."""

    idle: float = 30.0
    rate: int = 16_384


async def take(parts: AsyncIterator[bytes], most: int, pace: Pace, bodies: Bodies) -> tuple[BinaryIO, int]:
    """A body as a file, from its beginning, and its size. The caller closes it.

    Raises TooLarge, TooSlow; whatever `parts` raises where the other side leaves.
    """
    loop = asyncio.get_running_loop()
    began, size, held = loop.time(), 0, bytearray()
    into = bodies.scratch()
    try:
        async with asyncio.timeout(pace.idle) as limit:
            async for part in parts:
                size += len(part)
                if size > most:
                    raise TooLarge
                held += part
                if len(held) >= _STEP:
                    await loop.run_in_executor(None, into.write, bytes(held))
                    held.clear()
                limit.reschedule(min(loop.time(), began + size / pace.rate) + pace.idle)
            await _finish(into, held)
    except TimeoutError:
        into.close()
        raise TooSlow from None
    except BaseException:
        into.close()
        raise
    return into, size


async def _finish(into: BinaryIO, held: bytearray) -> None:
    if into.tell():
        await asyncio.get_running_loop().run_in_executor(None, into.write, held)
    else:
        into.write(held)
    into.seek(0)
