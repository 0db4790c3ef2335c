"""Lines of `Key: value` before a blank line and a body, as Pelican reads them from Markdown."""

import re

from ..frontmatter import FrontMatterError, expected
from .matter import Entry, Matter, lines_of

KEY = re.compile(r"(\ufeff?)([ ]{0,3})([A-Za-z0-9_-]+)([ ]*:)([ \t]*)(.*)")
MORE = re.compile(r"(?:[ ]{4,}|\t)\s*(\S.*)")


def read(text: str) -> Matter:
    entries: dict[str, Entry] = {}
    last, place = "", 0
    lines = lines_of(text)
    for place, line in enumerate(lines):
        bare = line.rstrip("\r\n")
        if not bare.strip():
            break
        if match := KEY.fullmatch(bare):
            last = match[3].lower()
            if last in entries:
                raise FrontMatterError(place + 1, match[3], "expected each key once, found it again")
            entries[last] = Entry(match[3], place + 1, match[6].strip())
        elif last and (more := MORE.fullmatch(bare)):
            known = entries[last]
            entries[last] = Entry(known.key, known.line, f"{known.value}\n{more[1].rstrip()}".strip())
        else:
            raise FrontMatterError(place + 1, "", expected("a line such as Title: Words, or a blank line", bare))
    else:
        place = len(lines)
    if not entries:
        raise FrontMatterError(1, "", expected("a line such as Title: Words", text.partition("\n")[0]))
    return Matter(entries, "".join(lines[place + 1 :]), place + 2)


def write(text: str, key: str, value: str | list[str], bare: bool) -> str:
    if isinstance(value, list):
        value = ", ".join(value)
    if re.search(r"[\r\n\x0b\x0c\x1c-\x1e\x85\u2028\u2029]", value):
        raise ValueError("it has to be one line here")
    lines = lines_of(text)
    ending = "\r\n" if lines[0].endswith("\r\n") else "\n"
    known = read(text).entries.get(key.lower())
    if known:
        place = known.line - 1
        last = place + 1
        while last < len(lines) and lines[last].strip() and MORE.fullmatch(lines[last].rstrip("\r\n")):
            last += 1
        match = KEY.fullmatch(lines[place].rstrip("\r\n"))
        head = "".join(match.groups()[:4]) + (match[5] or " ") if match else f"{known.key}: "
        end = lines[last - 1][len(lines[last - 1].rstrip("\r\n")) :]
        lines[place:last] = [f"{head}{value}{end}"]
        return "".join(lines)
    place = next((place for place, line in enumerate(lines) if not line.strip()), len(lines))
    if not lines[place - 1].endswith("\n"):
        lines[place - 1] += ending
    lines.insert(place, f"{key.capitalize()}: {value}{ending}")
    return "".join(lines)
