"""What goes wrong when a file is read."""


class FrontMatterError(ValueError):
    """One thing wrong in one file: `line` (from 1), `key` (a path such as `related[2].title`), and a sentence."""

    def __init__(self, line: int, key: str, message: str) -> None:
        key = printable(key)[:80]
        super().__init__(f"{line}: {key}: {message}" if key else f"{line}: {message}")
        self.line = line
        self.key = key
        self.message = message


def printable(text: str) -> str:
    """The same on one line of a terminal, whatever characters or undecoded bytes are in it."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def expected(what: str, found: str) -> str:
    """The sentence of every error; long or unprintable findings are cut to what a line of text can show."""
    return f"expected {what}, found {found[:60]!r}{'…' if len(found) > 60 else ''}"
