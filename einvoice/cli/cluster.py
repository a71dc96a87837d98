"""A Dask cluster as what does the work of `check --dask ADDRESS`: reached within seconds or not at all, and known to be fit."""

from __future__ import annotations

import asyncio
import logging
import warnings
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from importlib.metadata import version
from typing import Any

from einvoice.errors import EInvoiceError

ANSWER = 10
"""Seconds within which the scheduler answers and a worker is there."""
PATIENCE = 600.0
"""Seconds without a sign of life after which a cluster is given up."""


@contextmanager
def cluster(address: str) -> Iterator[Executor]:
    """An executor of the cluster whose scheduler has that address.

    Raises EInvoiceError where it does not answer, has no workers, or workers without the same version of this package.
    """
    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # a worker that dies is our business to tell
    warnings.filterwarnings("ignore", message="Sending large graph")  # one large document is one
    client = _client(address)
    try:
        _fit(client, address)
        yield client.get_executor(pure=False)
    finally:
        client.close(timeout=ANSWER)


def _client(address: str) -> Any:
    """The client of a scheduler that has answered: one that never does would keep a client from ending, too."""
    try:
        from distributed import Client
    except ImportError:
        raise EInvoiceError("--dask needs the package `distributed`; pip install 'einvoice-toolkit[dask]'") from None
    connect: Any = Client  # it has no types
    try:
        asyncio.run(asyncio.wait_for(_identity(address), ANSWER))
        return connect(address, timeout=ANSWER, set_as_default=False)
    except Exception as fault:  # of what kind it is depends on the address, the network and the version
        silent = isinstance(fault, OSError | TimeoutError)
        why = f"does not answer within {ANSWER} seconds" if silent else f"cannot be used: {str(fault) or type(fault).__name__}"
        mend = "start one with `dask scheduler` and name it as tcp://host:8786"
        raise EInvoiceError(f"the Dask scheduler {address} {why}; {mend}") from None


async def _identity(address: str) -> None:
    """Asks whoever listens there who it is."""
    from distributed.core import rpc

    ask: Any = rpc
    async with ask(address, timeout=ANSWER) as scheduler:
        await scheduler.identity()


def _fit(client: Any, address: str) -> None:
    try:
        client.wait_for_workers(1, timeout=ANSWER)
    except Exception:
        raise EInvoiceError(f"the Dask scheduler {address} has no workers; start some with `dask worker {address}`") from None
    try:
        found: dict[str, str] = client.run(own_version)
    except Exception as fault:  # such as the ImportError of a worker that does not have it
        raise EInvoiceError(f"a worker of {address} cannot run einvoice-toolkit ({fault}); install it there") from None
    for worker, other in found.items():
        if other != own_version():
            raise EInvoiceError(f"the worker {worker} has einvoice-toolkit {other}, and here it is {own_version()}; install the same")


def own_version() -> str:
    """The version of this package, here or on a worker."""
    return version("einvoice-toolkit")
