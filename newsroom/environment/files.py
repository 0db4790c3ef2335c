"""The file `.env` in the project's folder: variables for all who start Newsroom there, services and cron alike."""

import os
import re
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

LINE = re.compile(r"(?:export\s+)?([A-Za-z_]\w*)=(.*)", re.ASCII)
QUOTED = re.compile(r"""(?:"((?:[^"\\]|\\.)*)"|'([^']*)')\s*(?:#.*)?""")


def load_file(path: Path) -> None:
    """Set the variables that a file has and the environment has not. Raise ImproperlyConfigured if it cannot be read.

    A line is `NAME=value`, `NAME="value"` (in which a backslash keeps the next character), `NAME='value'`, empty, or
    a comment that begins with `#`. Nothing else is special, as `$`: the values are those that systemd reads.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except FileNotFoundError:
        return
    except (OSError, UnicodeDecodeError) as error:
        found = error.strerror if isinstance(error, OSError) else "bytes that are no text"
        raise ImproperlyConfigured(f"{path}: expected a readable file in UTF-8, found: {found}.") from error
    for number, line in enumerate(map(str.strip, lines), 1):
        if line and not line.startswith("#"):
            match = LINE.fullmatch(line)
            value = _value(match[2].strip()) if match else None
            if match is None or value is None or "\0" in value:
                # The line is not shown: it may hold a password.
                raise ImproperlyConfigured(f"{path}:{number}: expected NAME=value, found something else.")
            os.environ.setdefault(match[1], value)


def is_private(path: Path) -> bool:
    """Return whether nobody but its owner (and root) can read or write a file. One that is not there is."""
    try:
        return not path.stat().st_mode & 0o077
    except OSError:
        return True


def _value(text: str) -> str | None:
    """Return a value without its quotes and comment; None if a quote has no end."""
    if text[:1] in ("'", '"'):
        quoted = QUOTED.fullmatch(text)
        return quoted and (re.sub(r"\\(.)", r"\1", quoted[1]) if quoted[2] is None else quoted[2])
    return re.split(r"(?:^|\s)#", text, maxsplit=1)[0].strip()
