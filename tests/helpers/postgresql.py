"""A PostgreSQL server of the tests' own, on a free port, gone when they end."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

DEBIAN = Path("/usr/lib/postgresql")
USER = "postgres"  # root may not run a server: this one does then


def binaries() -> Path | None:
    """Where the server's programs are; None where it is not installed."""
    found = shutil.which("pg_ctl")
    places = [Path(found).resolve().parent] if found else sorted(DEBIAN.glob("*/bin"), reverse=True)
    return next((place for place in places if (place / "initdb").exists()), None)


@contextmanager
def server() -> Iterator[str]:
    """Start a server and lend the URL of its database."""
    programs = binaries()
    assert programs is not None
    user = USER if os.geteuid() == 0 else None
    with tempfile.TemporaryDirectory(prefix="allocate-pg-") as place:
        if user:
            shutil.chown(place, user)
        data, log = Path(place) / "data", Path(place) / "log"

        def run(*words: object) -> None:
            given = [str(word) for word in words]
            null, pipe = subprocess.DEVNULL, subprocess.PIPE
            done = subprocess.run(
                given, user=user, cwd=place, stdout=null, stderr=pipe, check=False
            )
            assert done.returncode == 0, done.stderr.decode()

        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        run(
            programs / "initdb", "-D", data, "-U", "tests", "-A", "trust", "-E", "UTF8", "--no-sync"
        )
        options = f"-p {port} -k {place} -c listen_addresses=127.0.0.1 -c fsync=off"
        run(programs / "pg_ctl", "-D", data, "-l", log, "-w", "-o", options, "start")
        try:
            yield f"postgresql://tests@127.0.0.1:{port}/postgres"
        finally:
            run(programs / "pg_ctl", "-D", data, "-w", "-m", "immediate", "stop")
