"""Run the commands of the README and the docs as printed: python3 -m tests.documented [PAGE...]

.ci/run calls it in one line: `python3 -m tests.documented`. It needs git, Python and a free port 8000, and takes
the commit that is checked out. Each page runs in a fresh clone of its own (the virtual environment is kept from
page to page), all but the README with the samples imported and an archive of them, `site.tar.gz`. The first
command that fails ends the run with its output; commands that were not run are listed at the end.

The pages of ON_A_MACHINE are left out here.

What a fenced block is depends on its language: `sh` is run, a page's blocks one after the other, in the same
environment; of each line in `cron` the command is run; `ini` is a systemd unit, checked with `systemd-analyze
verify`. Everything else is text. A comment on the line above a block says more:

    <!-- not run: REASON -->     why CI does not run this block
    <!-- exit code: N -->        the code it ends with, if that is not 0
    <!-- serves: HOST -->        it starts a server, whose front page and style sheet are then fetched from port 8000
    <!-- file: PATH -->          the block is written to this file

In pages `/srv/newsroom` is a temporary folder, `app` in it the clone, and `island` the samples.
"""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGES = ["README.md", "CONTRIBUTING.md", *sorted(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md"))]
# Pages for a machine's administrator. tests/deploy/test_production.py follows them, one after the other on one machine.
ON_A_MACHINE = ["docs/production.md", "docs/operations.md", "docs/upgrading.md"]
PLACE = "/srv/newsroom"
UNIT = re.compile(r"# /etc/systemd/system/(\S+)\n")
CRON = re.compile(r"(?:[\d*/,-]+ +){5}(.+)")
COMMENT = re.compile(r"<!-- (not run|exit code|serves|file): (.+) -->")
FENCE = re.compile(r"(?m)^(?:(<!-- [^\n]+ -->)\n)?```(\w*)\n(.*?)^```$", re.DOTALL)
PORT = 8000
LIMIT = 600  # seconds for a block, or for a server to answer
SET_UP = """
test -d .venv || python3 -m venv .venv
.venv/bin/pip install -q -r requirements.lock
.venv/bin/python manage.py migrate -v0
.venv/bin/python manage.py import_articles articles/samples --source meridian
cp -r articles/samples /srv/newsroom/island
tar -czf site.tar.gz -C /srv/newsroom island
"""


@dataclass(frozen=True)
class Block:
    """A fenced block. `line` is that of its first ```; `note` and `value` are its comment's, "" without one."""

    page: str
    line: int
    language: str
    text: str
    note: str = ""
    value: str = ""

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"

    @property
    def command(self) -> str:
        """What to run; "" for a block that is no command."""
        if self.language == "sh":
            return self.text
        if self.language == "cron":
            commands = (match[1] for match in map(CRON.fullmatch, self.text.splitlines()) if match)
            return "\n".join(f"( {command} ) || [ $? = 2 ]" for command in commands)  # 2: part of it was not done
        return ""


class FailedError(Exception):
    """A block that did not do what its page says."""


def blocks(page: str, text: str) -> Iterator[Block]:
    """The fenced blocks of a page, in order."""
    for match in FENCE.finditer(text):
        line = text.count("\n", 0, match.start(2)) + 1
        comment = COMMENT.fullmatch(match[1] or "")
        yield Block(page, line, match[2], match[3], *(comment.groups() if comment else ()))


def main(pages: list[str]) -> int:
    if unknown := set(pages) - set(PAGES):
        sys.exit(f"expected pages among {', '.join(PAGES)}, found {', '.join(sorted(unknown))}")
    left_out = []
    with tempfile.TemporaryDirectory(prefix="newsroom-docs-") as folder:
        home = Path(folder)
        subprocess.run(["git", "clone", "-q", ROOT, home / "app"], check=True)
        for page in pages or [page for page in PAGES if page not in ON_A_MACHINE]:
            if (path := home / "app" / page).exists():
                found = list(blocks(page, path.read_text(encoding="utf-8")))
                left_out += [block for block in found if block.note == "not run"]
                try:
                    run_page(page, found, home)
                except FailedError as error:
                    print(error)
                    return 1
    print("\nNot run:", *(f"{block}: {block.value}" for block in left_out), sep="\n")
    return 0


def run_page(page: str, found: list[Block], home: Path) -> None:
    """Run a page's commands in the clone in `home`, made fresh. Raises FailedError at the first that fails."""
    found = [block for block in found if block.note != "not run"]
    if not any(block.command or block.language == "ini" for block in found):
        return
    clean(home)
    shell = Shell(home)
    if page != "README.md":
        shell.run("its set-up", SET_UP)
    try:
        for block in found:
            run_block(block, shell, home)
        check_units([block for block in found if block.language == "ini"], home)
    finally:
        shell.stop()


def clean(home: Path) -> None:
    """Leave nothing in `home` but the clone as it was."""
    subprocess.run(["git", "clean", "-xdffq", "-e", "/.venv"], cwd=home / "app", check=True)
    for path in set(home.iterdir()) - {home / "app"}:
        shutil.rmtree(path) if path.is_dir() else path.unlink()


def run_block(block: Block, shell: "Shell", home: Path) -> None:
    """Write the file that a block holds, or run its command."""
    if block.note == "file":
        path = home / "app" / block.value
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(block.text, encoding="utf-8")
    elif block.command and block.note == "serves":
        shell.serve(block)
    elif block.command:
        shell.run(str(block), block.command, int(block.value) if block.note == "exit code" else 0)


class Shell:
    """Runs commands one after the other in the clone; what one exports the next ones have."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.exports = home / "exports"
        self.exports.write_text("")
        self.server: subprocess.Popen[str] | None = None
        ours = re.compile("NEWSROOM_|DATABASE_|CACHE_URL|DJANGO_|VIRTUAL_ENV")
        self.environment = {name: value for name, value in os.environ.items() if not ours.match(name)}

    def start(self, command: str, **options: object) -> subprocess.Popen[str]:
        """Start bash with a command, in a process group of its own and without input."""
        command = command.replace(PLACE, str(self.home))
        script = f". {self.exports}\nset -euo pipefail\n{command}\nexport -p > {self.exports}\n"
        return subprocess.Popen(
            ["bash", "-c", script],
            cwd=self.home / "app",
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            **options,
        )

    def run(self, name: str, command: str, expected: int = 0) -> None:
        """Run a command to its end. Raises FailedError unless it exits with the expected code."""
        started = time.monotonic()
        process = self.start(command, stdout=subprocess.PIPE)
        try:
            printed = process.communicate(timeout=LIMIT)[0]
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            raise FailedError(f"{name}: expected an end within {LIMIT} s, found none:\n{command}") from None
        if process.returncode != expected:
            code = f"expected exit code {expected}, found {process.returncode}"
            raise FailedError(f"{name}: {code}:\n{command}\nprinted:\n{printed}")
        print(f"{name}: {time.monotonic() - started:.1f} s", flush=True)

    def serve(self, block: Block) -> None:
        """Start a server and look at it. It runs on until the next one, or the page's end."""
        self.stop()
        if is_taken(PORT):
            raise FailedError(f"{block}: expected port {PORT} to be free, found a server on it")
        started = time.monotonic()
        log = self.home / "server"
        with log.open("w") as file:
            self.server = self.start(block.command, stdout=file)
        while not looks_right(block.value):
            if self.server.poll() is not None or time.monotonic() - started > LIMIT:
                raise FailedError(f"{block}: expected a server, found none:\n{block.text}\nprinted:\n{log.read_text()}")
            time.sleep(0.5)
        print(f"{block}: serves {block.value} after {time.monotonic() - started:.1f} s", flush=True)

    def stop(self) -> None:
        stopped = time.monotonic()
        if self.server and self.server.poll() is None:
            os.killpg(self.server.pid, signal.SIGTERM)
            self.server.wait(timeout=60)
            while is_taken(PORT) and time.monotonic() - stopped < 10:  # bash ends before its server does
                time.sleep(0.1)
        self.server = None


def is_taken(port: int) -> bool:
    """Whether a server listens on a port of this machine."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def looks_right(host: str) -> bool:
    """Whether a server answers, as behind a proxy, with cards and a style sheet that is there."""
    try:
        page = fetch("/", host)
        style = re.search(r'href="(/static/site[^"]*\.css)"', page)
        return bool('class="card"' in page and style and fetch(style[1], host))
    except OSError:
        return False


def fetch(path: str, host: str) -> str:
    headers = {"Host": host, "X-Forwarded-Proto": "https"}
    request = urllib.request.Request(f"http://localhost:{PORT}{path}", headers=headers)
    with urllib.request.urlopen(request, timeout=60) as answer:
        return str(answer.read().decode())


def check_units(units: list[Block], home: Path) -> None:
    """Check systemd units. Raises FailedError for one that systemd does not understand."""
    if not units:
        return
    if not shutil.which("systemd-analyze"):
        print(f"{units[0].page}: systemd-analyze is not there, so {len(units)} units were not checked", flush=True)
        return
    folder = home / "units"
    folder.mkdir()
    paths = []
    for block in units:
        if not (name := UNIT.match(block.text)):
            raise FailedError(f"{block}: expected a first line # /etc/systemd/system/NAME, found none")
        paths.append(folder / name[1])
        paths[-1].write_text(block.text.replace(PLACE, str(home)))
    command = ["systemd-analyze", "verify", "--man=no", *map(str, paths)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode or str(folder) in done.stderr:
        raise FailedError(f"{units[0].page}: expected units that systemd takes, found:\n{done.stderr}")
    print(f"{units[0].page}: {len(units)} units are right", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
