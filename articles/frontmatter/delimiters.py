"""The two lines `---` around front matter, and what a file without them looks like."""

import re

from .errors import FrontMatterError, expected

BOM = "\ufeff"
OPENING = re.compile(f"{BOM}?---[ \t]*\r?(?:\n|\\Z)")
MEANT = re.compile(r"^(?:\.\.\.|-{2}|-{4,}|[ \t]+---|[ \t]*[\u2013\u2014-]+)[ \t]*$", re.M)  # for a closing line
MAP = "import it with --map"
UNPACK = "unpack it first"
SIGNATURES = (  # of a file's first bytes
    (b"\x1f\x8b", f"a gzip file; {UNPACK}"),
    (b"BZh", f"a bzip2 file; {UNPACK}"),
    (b"\xfd7zXZ", f"an xz file; {UNPACK}"),
    (b"\x28\xb5\x2f\xfd", f"a zstd file; {UNPACK}"),
    (b"7z\xbc\xaf", f"a 7z archive; {UNPACK}"),
    (b"PK\x03\x04", "a zip archive; name it .zip"),
    (b"\xff\xfe\x00\x00", "UTF-32 text; save the file as UTF-8"),
    (b"\xff\xfe", "UTF-16 text; save the file as UTF-8"),
    (b"\xfe\xff", "UTF-16 text; save the file as UTF-8"),
    (b"-\x00", "UTF-16 text; save the file as UTF-8"),
    (b"\x00-", "UTF-16 text; save the file as UTF-8"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"%PDF-", "a PDF file"),
)
LOOKS = (  # of the start of a text
    (r"\s*\Z", "an empty file"),
    (r"(?:-{2}|-{4,}|[\u2013\u2014-]+)[ \t]*\r?\n", "other dashes; write exactly three plain ones"),
    (r"---\r", "lines that end with CR alone; save the file with LF"),
    (r"---[ \t]*#", "a comment behind it; put the comment on the next line"),
    (r"---[ \t]*\S", "text behind it; put the text on the next line"),
    (r"[ \t]+---[ \t]*\r?\n", "blanks before it; write --- at the start of the line"),
    (r"\s*\n---[ \t]*\r?\n", "blank lines above it; remove them"),
    (r"\s*<!--(?s:.*?)-->\s*---[ \t]*\r?\n", "a comment above it; remove the comment or put it below as # ..."),
    (r"%YAML", "a YAML directive; remove the line"),
    (r"version https://git-lfs", "a pointer of Git LFS; fetch the file itself with: git lfs pull"),
    (r"<{7} |={7}\n|>{7} ", "an unresolved merge conflict; resolve it"),
    (r"\s*\+\+\+[ \t]*\r?\n", f"TOML front matter; {MAP}"),
    (
        r"(?is)\s*<(?:\?xml.{,2000}?<)?(?:rss|feed|rdf:rdf)\b",
        "an RSS or Atom feed; Newsroom reads front matter",
    ),
    (r"(?i)\s*<\?xml", "XML"),
    (r"(?i)\s*<(?:!doctype|html|head|body|div|p)\b", "a web page; Newsroom reads front matter"),
    (r"\s*[\[{]\s*[\"\]}{\[]", "JSON; write it as YAML between two lines ---"),
    (r"\s*[A-Za-z_][\w-]*:(?:[ \t]|\r?\n)", "keys without it; write --- above and below the keys"),
    (r"#+ |[*-] |\[", f"Markdown without front matter; write keys between two lines --- above it, or {MAP}"),
)


def bounds(text: str, body: str = f"{MAP}, which reads files with a body") -> tuple[int, int]:
    """Return where the front matter of a file starts and ends: after its first line, before its closing line.

    Each line is `---`; blanks may follow. Raises FrontMatterError if one is missing, or text follows the closing one:
    `body` is what to do with that.
    """
    opening = OPENING.match(text)
    if opening is None:
        text = text.removeprefix(BOM)
        found = _look(text)
        message = f"expected a line ---, found {found}" if found else expected("a line ---", text.partition("\n")[0])
        raise FrontMatterError(1, "", message)
    start = opening.end()
    place = closing(text, start - 1)
    if place is None:
        raise _not_closed(text, start)
    end, after = place
    rest = text[after:]
    if found := rest.strip():
        line = text.count("\n", 0, after) + 1 + rest[: len(rest) - len(rest.lstrip())].count("\n")
        hint = f"; {body}" if any(map(str.isalpha, found[:60])) else ""
        raise FrontMatterError(line, "", expected("nothing after the closing ---", found) + hint)
    return start, end


def is_closed(text: str) -> bool:
    """Return whether a file that needs no lines `---` has both."""
    opening = OPENING.match(text)
    return opening is not None and closing(text, opening.end() - 1) is not None


def closing(text: str, start: int) -> tuple[int, int] | None:
    """Return where the first closing line `---` at or after the line end at `start` begins, and what follows it."""
    place = text.find("\n---", start)
    while place >= 0:
        end = text.find("\n", place + 4)
        end = len(text) if end < 0 else end + 1
        if not text[place + 4 : end].strip(" \t\r\n"):
            return place + 1, end
        place = text.find("\n---", place + 4)
    return None


def _not_closed(text: str, start: int) -> FrontMatterError:
    meant = MEANT.search(text, start)
    if meant is None:
        return FrontMatterError(text.count("\n") + 1, "", "expected a closing line ---, found the file's end")
    line = text.count("\n", 0, meant.start()) + 1
    what = "three dashes at the start of a line of their own, to close the front matter"
    return FrontMatterError(line, "", expected(what, meant[0]))


def signature(data: bytes) -> str:
    """Return what kind of file starts so, and what to do; empty if it may be text."""
    if data[257:262] == b"ustar":
        return "a tar archive; name it .tar"
    return next((what for start, what in SIGNATURES if data.startswith(start)), "")


def _look(text: str) -> str:
    """Return what a text without an opening line looks like, and what to do; empty if it is like nothing known."""
    if what := signature(text[:300].encode(errors="replace")):
        return what
    for pattern, what in LOOKS:
        if re.match(pattern, text):
            return what
    return f"a table; {MAP}" if _is_table(text) else ""


def _is_table(text: str) -> bool:
    """Whether the first two lines have as many columns, and names of columns in the first."""
    first, _, rest = text.partition("\n")
    second = rest.partition("\n")[0]
    for separator in ",;\t":
        names = first.strip("\r").split(separator)
        if len(names) > 1 and second.count(separator) >= len(names) - 1:
            return all(re.fullmatch(r'"?[\w .:-]{1,40}"?', name.strip()) for name in names)
    return False
