"""Who has which name in an import: a name that is read twice would overwrite itself."""

from collections.abc import Hashable


class Claims:
    """The names that the files of one import have taken, each with the path that took it.

    Keys are compared as they are, so give them in their normal form: names in NFC, domains in lowercase.
    """

    def __init__(self) -> None:
        self._paths: dict[tuple[str, Hashable], str] = {}

    def claim(self, kind: str, key: Hashable, path: str) -> str | None:
        """Take a name for a path. Return the path that has it already, or None if it was free.

        `kind` is what the name is of, such as "article".
        """
        if other := self._paths.get((kind, key)):
            return other
        self._paths[kind, key] = path
        return None

    def has(self, kind: str, key: Hashable) -> bool:
        """Return whether a path has this name."""
        return (kind, key) in self._paths


def taken(path: str) -> str:
    """Return the sentence for a file whose name another file has, which was read before it."""
    return f"expected a name of its own, found one that {path} has already"
