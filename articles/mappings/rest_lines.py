"""A heading, then lines of `:key: value`, before a body, as Pelican reads them from reStructuredText."""

import re
import unicodedata

from ..frontmatter import FrontMatterError, expected
from .matter import Entry, Matter, lines_of

HEADING = re.compile(r"\ufeff?(?:[=\-~#*^\"'+]{3,}[ \t]*\r?\n)?[^\n]*\S[^\n]*\r?\n([=\-~#*^\"'+])\1{2,}[ \t]*\r?\n")
FIELD = re.compile(r"(:([\w-]+):[ \t]*)(.*)")
MORE = re.compile(r"[ \t]+\S.*")


def read(text: str) -> Matter:
    lines = [line.rstrip("\r\n") for line in lines_of(text)]
    place = _title(text, lines)
    entries = {"title": Entry("title", place + 1, lines[place].removeprefix("\ufeff").strip())}
    place = _skip_blank(lines, place + 2)
    last = ""
    while place < len(lines) and lines[place].strip():
        if match := FIELD.fullmatch(lines[place]):
            last = match[2].lower()
            if last in entries:
                raise FrontMatterError(place + 1, match[2], "expected each key once, found it again")
            entries[last] = Entry(match[2], place + 1, match[3].strip())
        elif last and MORE.fullmatch(lines[place]):
            known = entries[last]
            entries[last] = Entry(known.key, known.line, f"{known.value}\n{lines[place].strip()}".strip())
        else:
            break  # a body without fields before it
        place += 1
    return Matter(entries, "".join(lines_of(text)[place:]), place + 1)


def _title(text: str, lines: list[str]) -> int:
    """Return the place of the title. Raises FrontMatterError if there is no heading."""
    if not HEADING.match(text):
        raise FrontMatterError(
            1, "title", expected("a heading with a line of signs below it", lines[0] if lines else "")
        )
    return 1 if _is_rule(lines[0]) else 0


def _is_rule(line: str) -> bool:
    return bool(re.fullmatch(r"\ufeff?([=\-~#*^\"'+])\1{2,}[ \t]*", line))


def _skip_blank(lines: list[str], place: int) -> int:
    while place < len(lines) and not lines[place].strip():
        place += 1
    return place


def write(text: str, key: str, value: str | list[str], bare: bool) -> str:
    if isinstance(value, list):
        value = ", ".join(value)
    if not value.isprintable():
        raise ValueError("it has to be one line here")
    lines = lines_of(text)
    ending = "\r\n" if lines[0].endswith("\r\n") else "\n"
    entries = read(text).entries
    known = entries.get(key.lower())
    if key.lower() == "title":
        _write_title(lines, entries["title"].line - 1, value)
        return "".join(lines)
    if known is None:
        _insert(lines, entries, f":{key}: {value}{ending}", ending)
        return "".join(lines)
    place, last = known.line - 1, _end(lines, known.line)
    match = FIELD.fullmatch(lines[place].rstrip("\r\n"))
    head = match[1] if match else f":{known.key}:"
    end = lines[last - 1][len(lines[last - 1].rstrip("\r\n")) :]
    lines[place:last] = [f"{head}{'' if head[-1].isspace() else ' '}{value}{end}"]
    return "".join(lines)


def _end(lines: list[str], place: int) -> int:
    """Return where the lines end that continue the one before `place`."""
    while place < len(lines) and MORE.fullmatch(lines[place].rstrip("\r\n")):
        place += 1
    return place


def _insert(lines: list[str], entries: dict[str, Entry], line: str, ending: str) -> None:
    """Add a field after the last one, or after the heading."""
    title, last = entries["title"].line, max(entry.line for entry in entries.values())
    place = _end(lines, last) if last > title else title + 1
    if not lines[place - 1].endswith("\n"):
        lines[place - 1] += ending
    lines.insert(place, line if last > title else ending + line)


def _write_title(lines: list[str], place: int, value: str) -> None:
    """Replace a title. The lines of signs around it grow with it: they may not be shorter."""
    width = sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in value)
    old = lines[place].rstrip("\r\n")
    pad = re.match(r"\ufeff?[ \t]*", old)[0]  # type: ignore[index]  # it matches any text
    lines[place] = f"{pad}{value}{lines[place][len(old) :]}"
    for beside in [place + 1, *([place - 1] if place else [])]:
        rule = lines[beside].rstrip("\r\n")
        sign = rule.removeprefix("\ufeff")[0]
        missing = width + len(pad.removeprefix("\ufeff")) - len(rule.removeprefix("\ufeff").rstrip())
        if missing > 0:
            lines[beside] = rule.rstrip() + sign * missing + lines[beside][len(rule) :]
