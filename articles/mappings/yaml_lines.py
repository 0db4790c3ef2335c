"""YAML front matter before a body, as Jekyll and Hugo write it: read as ours is, edited line by line."""

import re

from ..frontmatter import FrontMatterError, parser
from ..frontmatter.serialiser import SAFE_PLAIN, quote
from .matter import Entry, Matter, lines_of, split

OPENING = re.compile(r"\ufeff?---[ \t]*\r?\n")
CLOSING = re.compile(r"^(?:---|\.\.\.)[ \t]*\r?$\n?", re.MULTILINE)
NOT_TEXT = re.compile(  # to some reader of YAML, if it is without quotes
    r"(?i)(?:true|false|yes|no|on|off|y|n|null|~|=|<<|[-+]?\.inf|\.nan|0[xo][\da-f]+|[-+.]?\d[\d_.,:tz e+-]*|)\Z"
)
FLOW_ITEM = re.compile(r"""\s*("(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^,"'][^,]*?)\s*(?:,|\Z)""")


def read(text: str) -> Matter:
    start, end, body = _split(text)
    root = parser.compose(text[start:end], 2)
    if root is None:
        root = parser.Node(2, {})
    if not isinstance(root.content, dict):
        raise FrontMatterError(2, "", "expected keys and values, found something else")
    entries: dict[str, Entry] = {}
    _collect(root, "", entries)
    return Matter(entries, text[body:], text.count("\n", 0, body) + 1)


def _split(text: str) -> tuple[int, int, int]:
    return split(text, OPENING, CLOSING, "---", ", a line +++ or a line such as Title: Words")


def _collect(node: parser.Node, path: str, entries: dict[str, Entry]) -> None:
    for key, child in node.content.items() if isinstance(node.content, dict) else ():
        name = f"{path}{key}"
        if isinstance(child.content, dict):
            entries.setdefault(name.lower(), Entry(name, child.line, None, "keys and values"))
            _collect(child, f"{name}.", entries)
        elif isinstance(child.content, str):
            entries.setdefault(name.lower(), Entry(name, child.line, "" if child.is_null else child.content))
        else:
            texts = [item.content for item in child.content if not item.is_null]
            simple = [text for text in texts if isinstance(text, str)]
            value = simple if len(simple) == len(texts) else None
            entries.setdefault(name.lower(), Entry(name, child.line, value, "a list of lists or keys"))


def write(text: str, key: str, value: str | list[str], bare: bool) -> str:
    start, end, _ = _split(text)
    lines = text[start:end].splitlines(keepends=True)
    if lines != lines_of(text[start:end]):
        raise ValueError("the file has line ends that only YAML knows")
    ending = "\r\n" if text[:start].endswith("\r\n") else "\n"
    known = read(text).entries.get(key.lower())
    if known is None:
        _insert(lines, key, _written(value, bare), ending, read(text).entries)
    else:
        place = known.line - 2
        last = _end(lines, place)
        lines[place:last] = _replaced(lines[place:last], known.key, value, bare)
    return text[:start] + "".join(lines) + text[end:]


def _insert(lines: list[str], key: str, written: str, ending: str, entries: dict[str, Entry]) -> None:
    """Add a key after the others, or after its parent's line."""
    parent, _, name = key.rpartition(".")
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += ending
    if not parent:
        lines.append(f"{name}: {written}{ending}")
    elif above := entries.get(parent.lower()):
        following = next((line for line in lines[above.line - 1 :] if line.strip()), "")
        pad = re.match(r"[ ]*", following)
        lines.insert(above.line - 1, f"{pad[0] if pad else ''}{name}: {written}{ending}")
    else:
        parts = key.split(".")
        lines += [f"{'  ' * depth}{part}:{ending}" for depth, part in enumerate(parts[:-1])]
        lines.append(f"{'  ' * (len(parts) - 1)}{name}: {written}{ending}")


def _end(lines: list[str], place: int) -> int:
    """Return where the lines of the key at `place` end. Blank lines and comments after them are not its own."""
    indent = _indent(lines[place])
    last = following = place + 1
    while following < len(lines):
        line = lines[following]
        is_comment = line.lstrip().startswith("#")
        if line.strip() and not is_comment:
            if _indent(line) < indent or (_indent(line) == indent and not line.lstrip().startswith("- ")):
                break
            last = following + 1
        following += 1
    return last


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _replaced(lines: list[str], key: str, value: str | list[str], bare: bool) -> list[str]:
    """Return the lines of a key with another value, in their own style."""
    ending = "\r\n" if lines[0].endswith("\r\n") else "\n"
    name = re.escape(key.rpartition(".")[2])
    head = re.match(rf"""([ ]*(?:{name}|"{name}"|'{name}')[ ]*:)([ ]*)(.*?)\r?\n?\Z""", lines[0])
    if head is None:
        raise ValueError("its key does not start a line")
    start, gap, raw = head[1], head[2] or " ", head[3]
    if isinstance(value, list) and value and not raw.strip() and len(lines) > 1:
        return [lines[0], *_items(lines[1:], value, ending)]
    if len(lines) > 1:
        return [f"{start}{gap}{_written(value, bare)}{ending}"]
    raw, comment = _without_comment(raw)
    return [f"{start}{gap}{_like(raw, value, bare)}{comment}{ending}"]


def _items(lines: list[str], value: list[str], ending: str) -> list[str]:
    """Return the lines of a list. An item that stays keeps its line."""
    items = [match for line in lines if (match := re.match(r"([ ]*-[ ]+)(.*?)\r?\n?\Z", line))]
    if len(items) < len(lines):
        raise ValueError("its list is written in a way that cannot be edited")
    raws = [_without_comment(item[2])[0] for item in items]
    known = {unquoted(raw): line for raw, line in zip(raws, lines, strict=True)}
    pad, style = items[0][1], style_of(raws[0])
    return [known.get(item) or f"{pad}{in_style(item, style)}{ending}" for item in value]


def _without_comment(raw: str) -> tuple[str, str]:
    """Return a value on one line, and the comment after it with the blanks before."""
    quoted = re.match(r"""("(?:[^"\\]|\\.)*"|'(?:[^']|'')*')(\s+#.*|\s*)\Z""", raw)
    if quoted:
        return quoted[1], quoted[2]
    plain = re.match(r"(.*?)(\s+#.*|\s*)\Z", raw)
    return (plain[1], plain[2]) if plain else (raw, "")


def _like(raw: str, value: str | list[str], bare: bool) -> str:
    if isinstance(value, list):
        if not raw.startswith("["):
            return _written(value, bare)
        if not raw.endswith("]"):
            raise ValueError("its list is written in a way that cannot be edited")
        raws = [match[1] for match in FLOW_ITEM.finditer(raw[1:-1]) if match[1]]
        known = {unquoted(item): item for item in raws}
        style = style_of(raws[0]) if raws else ""
        return "[" + ", ".join(known.get(item) or in_style(item, style, in_list=True) for item in value) + "]"
    if bare and raw[:1] not in ("'", '"'):
        return value
    return in_style(value, style_of(raw) if raw else '"')


def style_of(raw: str) -> str:
    """Return the quotes of a value: `"`, `'` or none."""
    return raw[0] if raw[:1] in ("'", '"') else ""


def unquoted(raw: str) -> str:
    if raw[:1] == '"':
        content = parser.compose(raw, 1)
        return content.content if content and isinstance(content.content, str) else raw
    return raw[1:-1].replace("''", "'") if raw[:1] == "'" else raw


def in_style(text: str, style: str, in_list: bool = False) -> str:
    """Return text in these quotes, or in double quotes if it cannot be written so."""
    is_plain = SAFE_PLAIN.fullmatch(text) and text.isprintable() and not NOT_TEXT.match(text)
    if not style and is_plain and not (in_list and re.search(r"[\[\]{},]", text)):
        return text
    if style == "'" and text.isprintable():
        return "'" + text.replace("'", "''") + "'"
    return quote(text)


def _written(value: str | list[str], bare: bool) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(in_style(item, "", in_list=True) for item in value) + "]"
    return value if bare else quote(value)
