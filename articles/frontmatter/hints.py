"""What to do about an error: guesses for people, from what is often wrong."""

import re
from collections.abc import Iterable
from typing import Any

CONFLICT = re.compile("^(?:<{7} |={7}$|>{7} )", re.M)
OPEN_QUOTE = re.compile(r"""\s*(?:- )?(?:[\w-]+:\s*)?(?:"(?:[^"\\]|\\.)*|'(?:[^']|'')*)\Z""")
QUOTES_INSIDE = re.compile(r"""\s*(?:- )?[\w-]+:\s*"(?:[^"\\]|\\.)*"\s*[^\s#].*""")
NEEDS_QUOTES = re.compile(r"\s*(?:- )?[\w-]+:\s++(?:[@`%&*!|>{\[,]|[^\"'].*: ).*|\s*- [@`%&*!].*")
SURROGATES = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}")
OTHER_NAMES = {  # of keys, in files for other programs
    "title": {"name", "headline"},
    "publishedDateTime": {"date", "pubdate", "published", "published_at", "datetime", "created"},
    "provider": {"source", "author", "publisher", "site"},
}


def for_yaml(text: str, error: Any) -> tuple[int, str]:
    """Return the line of an error in YAML, from 0, and what may be wrong there."""
    if conflict := CONFLICT.search(text):
        return text.count("\n", 0, conflict.start()), "an unresolved merge conflict; resolve it"
    lines = text.split("\n")
    mark = error.problem_mark or error.context_mark
    if error.context == "while scanning a quoted scalar" and error.context_mark:
        mark = error.context_mark  # where the quote opens, not where the file ends
    line = min(mark.line, len(lines) - 1) if mark else 0
    problem = " ".join(str(part) for part in (error.context, error.problem) if part)
    for number in (line - 1, line):
        if number >= 0 and OPEN_QUOTE.match(lines[number]):
            return number, f"a quote that is not closed ({problem})"
    return line, f"an error: {problem}{_advice(lines[line])}"


def _advice(line: str) -> str:
    if re.match(" *\t", line):
        return "; indent with blanks, not with tabs"
    if SURROGATES.search(line):
        return "; write the character itself, not its two halves"
    if QUOTES_INSIDE.fullmatch(line):
        return '; write \\" for a quote inside quotes'
    if NEEDS_QUOTES.fullmatch(line):
        return "; put the value in quotes"
    return ""


def for_missing(key: str, there: Iterable[str]) -> str:
    """Return what an error about a missing key adds when the file has one that was meant."""
    for other in there:
        plain = re.sub("[-_ ]", "", other).lower()
        if plain == key.lower():
            return f"; write {key}, not {other[:40]}"
        if other.lower() in OTHER_NAMES.get(key, ()):
            return f"; {other} is a key of other programs: import their files with --map"
    return ""
