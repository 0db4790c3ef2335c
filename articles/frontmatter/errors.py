"""The error of a file that cannot be read."""

from ..text.printable import expected, printable

__all__ = ["FrontMatterError", "expected", "printable"]


class FrontMatterError(ValueError):
    """The first error in a file: its `line` (from 1), its `key` (a path such as `related[2].title`), and a sentence."""

    def __init__(self, line: int, key: str, message: str) -> None:
        key = printable(key)[:80]
        super().__init__(f"{line}: {key}: {message}" if key else f"{line}: {message}")
        self.line = line
        self.key = key
        self.message = message
