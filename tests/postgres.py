"""A PostgreSQL server of the tests' own: started where its programs are installed, durable as in production, gone afterwards.

`EINVOICE_POSTGRES` names a running server instead (`postgresql://USER@HOST/`), whose user may create databases. The server listens
on this machine only, in a folder of its own; a shell stops it and removes the folder when the tests end, even when they are killed.
"""

from __future__ import annotations

import atexit
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

ABSENT = "no PostgreSQL server: install one (apt-get install postgresql) or name a running one in EINVOICE_POSTGRES"

_USERS = ("postgres", "nobody")  # a server refuses to run as root
_LIFE = """
cd "$2" || exit 1
"$1/pg_ctl" --pgdata=data --log=log --wait --timeout=60 start >/dev/null 2>&1 && echo ready || cat log
read -r _
"$1/pg_ctl" --pgdata=data --mode=immediate --wait stop >/dev/null 2>&1
cd / && rm -rf "$2"
"""
_numbers = count(1)


class NoServer(Exception):
    """No server can be started here; the message says what is absent."""


@cache
def server() -> str:
    """The URL of the server, without a database; started at the first call.

    Raises NoServer.
    """
    named = os.environ.get("EINVOICE_POSTGRES")
    return named.rstrip("/") if named else _start()


def fresh_database(template: str = "template1") -> str:
    """The URL of a new, empty database, or of a copy of the one named.

    Raises NoServer.
    """
    name = f"einvoice_{os.getpid()}_{next(_numbers)}"
    _ask(f"CREATE DATABASE {name} TEMPLATE {template}")
    return f"{server()}/{name}"


def migrated_database() -> str:
    """The URL of a new database in the shape of this release, a copy of one that was migrated once.

    Raises NoServer.
    """
    return fresh_database(_migrated().rpartition("/")[2])


@cache
def _migrated() -> str:
    from einvoice.database import migrate, open_database

    url = fresh_database()
    engine = open_database(url)
    migrate(engine)
    engine.dispose()
    if os.environ.get("EINVOICE_POSTGRES"):
        atexit.register(drop, url)
    return url


def drop(url: str) -> None:
    """Removes a database, whoever is still connected."""
    _ask(f"DROP DATABASE IF EXISTS {url.rpartition('/')[2]} WITH (FORCE)")


@contextmanager
def database() -> Iterator[str]:
    """A new, empty database, while it is needed.

    Raises NoServer.
    """
    url = fresh_database()
    try:
        yield url
    finally:
        drop(url)


@contextmanager
def fresh(make: Callable[[], str] = fresh_database) -> Iterator[str]:
    """A new database for a test, empty unless told (`migrated_database`); the test is skipped where no server can be started."""
    import pytest

    try:
        url = make()
    except NoServer as reason:
        pytest.skip(str(reason))
    try:
        yield url
    finally:
        drop(url)


def _ask(statement: str) -> None:
    try:
        import psycopg
    except ImportError:
        raise NoServer("psycopg is not installed: pip install 'einvoice-toolkit[sql]'") from None
    with psycopg.connect(f"{server()}/postgres", autocommit=True) as connection:
        connection.execute(statement)


def _start() -> str:
    programs, user = _programs(), _user()
    home = Path(tempfile.mkdtemp(prefix="einvoice-postgres-"))
    if "user" in user:
        shutil.chown(home, user["user"])
    port = _free_port()
    made = _call(
        programs, "initdb", "--pgdata=data", "--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C", cwd=home, **user
    )
    if made.returncode:
        shutil.rmtree(home)
        raise NoServer(f"initdb failed: {made.stderr.strip()}")
    with (home / "data" / "postgresql.conf").open("a") as settings:
        settings.write(f"listen_addresses = '127.0.0.1'\nport = {port}\nunix_socket_directories = '{home}'\nfsync = on\n")
    life = subprocess.Popen(  # it lives until our end of its standard input closes, which is when this process ends
        ["/bin/sh", "-c", _LIFE, "postgres", str(programs), str(home)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,  # an interrupt at the terminal is for the tests
        **user,
    )
    assert life.stdout is not None
    if (said := life.stdout.readline().strip()) != "ready":
        raise NoServer(f"the server does not start: {said}")
    atexit.register(_end, life, os.getpid())
    return f"postgresql://postgres@127.0.0.1:{port}"


def _end(life: subprocess.Popen[str], starter: int) -> None:
    if os.getpid() == starter:  # a forked child ends without it
        life.communicate()


def _call(programs: Path, name: str, *arguments: str, **how: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(programs / name), *arguments], capture_output=True, text=True, check=False, **how)


def _programs() -> Path:
    """The folder of initdb and pg_ctl: the one of PATH, else the newest version that Debian installs."""
    folders = [Path(found).parent for found in [shutil.which("initdb")] if found]
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: float(folder.parent.name), reverse=True)
    for folder in folders:
        if all((folder / name).exists() for name in ("initdb", "pg_ctl")):
            return folder
    raise NoServer(ABSENT)


def _user() -> dict[str, Any]:
    """As whom the server runs: ourselves, unless we are root."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return {}
    import pwd

    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    for name in _USERS:
        if name in known:
            return {"user": name, "group": known[name].pw_gid, "extra_groups": []}
    raise NoServer(f"a server does not run as root, and there is no user {' or '.join(_USERS)}")


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port
