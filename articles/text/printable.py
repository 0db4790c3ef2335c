"""Text for one line of a terminal or a log, and the sentences of errors."""


def printable(text: str) -> str:
    """Return a text that fits on one line of a terminal: what is not printable is escaped.

    That is every control character, line end, sign of direction, invisible sign and half of a character.
    """
    if text.isprintable():
        return text
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in text)


def expected(what: str, found: str) -> str:
    """Return the sentence of an error. What was found is quoted, and shortened to 60 characters."""
    return f"expected {what}, found {found[:60]!r}{'…' if len(found) > 60 else ''}"
