"""Our own access point as a peer meets it: the real server over real HTTP with a database, and what its inbox then holds."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

import uvicorn
from sqlalchemy import Engine, select

from einvoice.database import connect
from einvoice_peppol.bodies import Bodies, Body
from einvoice_peppol.inbox import Handler
from einvoice_peppol.pki.identity import Identity, Trust
from einvoice_peppol.sbdh.unwrapping import unwrap
from einvoice_peppol.server.application import app
from einvoice_peppol.server.desk import Means
from einvoice_peppol.tables import INBOX
from tests.outbox.world import migrated

_PATIENCE = 20.0


class Arrived(NamedTuple):
    """A row of the inbox: the ids, the sender's seat, the document as it came in its envelope and without it, our receipt."""

    message_id: str
    instance_id: str
    seat: str
    wrapped: bytes
    document: bytes
    receipt: bytes

    @property
    def sha256(self) -> str:
        """Of the document in its envelope, hexadecimal."""
        return sha256(self.wrapped).hexdigest()


class AccessPoint(NamedTuple):
    """A receiving access point: its address, its database, its spool."""

    url: str
    engine: Engine
    bodies: Bodies

    def inbox(self) -> list[Arrived]:
        """Everything that was kept, in the order of coming."""
        with connect(self.engine) as connection:
            rows = connection.execute(select(INBOX).order_by(INBOX.c.id)).all()
        found = []
        for row in rows:
            with self.bodies.open(Body(row.document_hash, row.size, row.document, row.file)) as stream:
                wrapped = stream.read()
            inner = BytesIO()
            unwrap(BytesIO(wrapped), inner)
            found.append(Arrived(row.message_id, row.instance_id, row.access_point, wrapped, inner.getvalue(), bytes(row.receipt)))
        return found


def now() -> datetime:
    """This moment."""
    return datetime.now(UTC)


@contextmanager
def receiving(
    own: Identity, trust: Trust, folder: Path, *, handlers: Sequence[Handler] = (), takes: Callable[..., bool] = lambda *_: True
) -> Iterator[AccessPoint]:
    """The access point, with a new database, while the block runs; it takes everything for everybody unless told."""
    bodies = Bodies(folder / "spool")
    with migrated("sqlite", folder) as engine:
        means = Means(own, trust, bodies, takes, handlers)
        config = uvicorn.Config(app(engine, means, now), host="127.0.0.1", port=0, log_level="warning", ws="none")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        end = time.monotonic() + _PATIENCE
        while not server.started:
            if not thread.is_alive() or time.monotonic() > end:
                raise AssertionError("our server did not start")
            time.sleep(0.01)
        try:
            yield AccessPoint(f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/as4", engine, bodies)
        finally:
            server.should_exit = True
            thread.join(_PATIENCE)
