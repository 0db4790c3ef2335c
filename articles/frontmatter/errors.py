"""The error of a file that cannot be read."""


class FrontMatterError(ValueError):
    """The first error in a file: its `line` (from 1), its `key` (a path such as `related[2].title`), and a sentence."""

    def __init__(self, line: int, key: str, message: str) -> None:
        key = printable(key)[:80]
        super().__init__(f"{line}: {key}: {message}" if key else f"{line}: {message}")
        self.line = line
        self.key = key
        self.message = message


def printable(text: str) -> str:
    """Return a text that fits on one line of a terminal: what is not printable is escaped."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def expected(what: str, found: str) -> str:
    """Return the sentence of an error. What was found is quoted, and shortened to 60 characters."""
    return f"expected {what}, found {found[:60]!r}{'…' if len(found) > 60 else ''}"
