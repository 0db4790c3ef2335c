"""How much the archives of an import may hold: as much as their own size allows, so that a small one fills no disk."""

from dataclasses import dataclass
from pathlib import Path

from .found import ArchiveError

# All archives of an import together may hold the first number, and the second times their own size. Real sites reach
# 35 bytes of content and 8 bytes in the database for each byte of a tar.xz, and a member in 600 bytes.
CONTENT = 256 * 2**20, 50
STORED = 32 * 2**20, 20
MEMBERS = 10_000, 1 / 50
ROW_BYTES = 3000  # that an article takes in the database beside its text


@dataclass
class Allowance:
    """What the archives of one import have used so far."""

    size: int = 0  # bytes of the archives themselves
    content: int = 0  # bytes unpacked of the archive that is read
    members: int = 0
    stored: int = 0  # bytes in the database

    def open(self, path: Path) -> None:
        """Count an archive that is read from now on."""
        self.size += path.stat().st_size

    def limit(self, bounds: tuple[float, float]) -> int:
        return int(bounds[0] + bounds[1] * self.size)

    def check_content(self, content: int) -> None:
        """Raise ArchiveError if an archive has too many unpacked bytes. Each has a limit of its own: none is kept."""
        self.content = content
        self._check("content", CONTENT, "bytes of content")

    def take_member(self) -> None:
        """Count a member. Raises ArchiveError if they are too many, or if the files before take too much room."""
        self.members += 1
        self._check("members", MEMBERS, "members")
        self._check("stored", STORED, "bytes for the database")

    def _check(self, name: str, bounds: tuple[float, float], what: str) -> None:
        if getattr(self, name) > (limit := self.limit(bounds)):
            setattr(self, name, limit)  # the next archive has what its own size gives
            raise ArchiveError(f"more than {limit} {what}, the most for archives of {self.size} bytes together")

    def store(self, size: int, rows: int = 0) -> None:
        """Count what is stored of an archive's files."""
        self.stored += size + ROW_BYTES * rows
