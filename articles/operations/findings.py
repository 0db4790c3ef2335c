"""What the doctor knows to look for: one small function for each thing that can be wrong."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from django.db import DatabaseError, connection


@dataclass(frozen=True)
class Finding:
    """Something that is wrong: what, where, and its cure, which is a command where there is one."""

    check: str
    where: str
    what: str
    cure: str


Found = Iterator[tuple[str, str, str]]  # where, what, cure
CHECKS: dict[str, Callable[[], Found]] = {}
OF_ROWS: set[str] = set()  # checks that need a database with all its tables


def check(function: Callable[[], Found]) -> Callable[[], Found]:
    """Make a function one of the checks. Its name is the check's."""
    CHECKS[function.__name__.replace("_", "-")] = function
    return function


def check_of_rows(function: Callable[[], Found]) -> Callable[[], Found]:
    """Make a function a check that needs the site's rows."""
    OF_ROWS.add(function.__name__.replace("_", "-"))
    return check(function)


def look(progress: Callable[[Iterable[str]], Iterable[str]] = iter) -> list[Finding]:
    """Run all checks. One that fails is a finding itself. Without a database, checks of rows are left out."""
    found: list[Finding] = []
    for name in progress(sorted(CHECKS, key=lambda name: (name in OF_ROWS, name))):
        if name in OF_ROWS and any(finding.check in ("database", "migrations") for finding in found):
            continue
        try:
            found += [Finding(name, *one) for one in CHECKS[name]()]
        except (DatabaseError, OSError, LookupError, ValueError) as error:
            found.append(
                Finding(name, "doctor", f"It cannot be told: {error}", "Mend what else is found, then run it again.")
            )
    return found


def database_file() -> Path | None:
    """Return SQLite's file, None if the database is another one or in memory."""
    path = Path(str(connection.settings_dict["NAME"]))
    return path if connection.vendor == "sqlite" and path.is_absolute() else None
