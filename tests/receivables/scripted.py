"""An SMTP server that answers as it is told to, on a real socket: what no well-behaved server can be made to do."""

from __future__ import annotations

import socket
import socketserver
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

DROP = "drop"
STALL = "stall"


class Scripted(socketserver.ThreadingTCPServer):
    """Answers each command with what `script` says for it, or as a good server does; keeps what it accepted."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, script: Mapping[str, str | list[str]]) -> None:
        self.script = {name: [answer] * 1000 if isinstance(answer, str) else [*answer] for name, answer in script.items()}
        self.accepted: list[bytes] = []
        self.connections = 0
        self.commands: list[str] = []
        super().__init__(("127.0.0.1", 0), _Session)

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.server_address[1])

    def answer(self, what: str, usual: str) -> str:
        """The next answer to a command."""
        left = self.script.get(what)
        return left.pop(0) if left else usual


class _Session(socketserver.StreamRequestHandler):
    server: Scripted

    def handle(self) -> None:
        self.server.connections += 1
        if not self._says("connect", "220 test"):
            return
        while line := self.rfile.readline():
            word = line.split(None, 1)[0].decode("ascii").lower() if line.strip() else ""
            self.server.commands.append(line.decode("utf-8", "replace").strip())
            if word == "quit":
                self._says("quit", "221 bye")
                return
            if not self._says(word, "354 go on" if word == "data" else "250 ok"):
                return
            if word == "data" and self.last.startswith("354") and not self._text():
                return

    def _text(self) -> bool:
        if self.server.script.get("text"):  # broken off within the text
            self.rfile.read(10)
            self._reset()
            return False
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            if not line:
                return False
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        going_on = self._says("dot", "250 queued as 1")
        if going_on and self.last.startswith("250"):
            self.server.accepted.append(b"".join(lines))
        return going_on

    def _says(self, what: str, usual: str) -> bool:
        self.last = self.server.answer(what, usual)
        if self.last == STALL:
            time.sleep(0.3)
        if self.last in (DROP, STALL):
            self._reset()
            return False
        self.wfile.write(f"{self.last}\r\n".encode())
        return True

    def _reset(self) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")


@contextmanager
def scripted(script: Mapping[str, str | list[str]] | None = None) -> Iterator[Scripted]:
    """A running server."""
    with Scripted(script or {}) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
