"""The first paragraph of a post's body, as plain text."""

import re

from ..text.plain import plain

NOT_PROSE = re.compile(
    r"\s*(?:#|```|~~~|!\[[^\]]*\]\([^)]*\)\s*$|\{[%{].*[%}]\}\s*$|<!--|\[[^\]]+\]:|[-*_=]{3,}\s*$|\.\. )"
)
MORE = re.compile(r"<!--\s*more\s*-->")
MARKS = (
    (re.compile(r"\{\{[<%].*?[>%]\}\}|\{[%{].*?[%}]\}"), ""),  # shortcodes and Liquid tags
    (re.compile(r"`([^`<>]+?)\s*<[^`<>]*>`__?"), r"\1"),  # reStructuredText's links
    (re.compile(r"<(https?://[^<>\s]+)>"), r"\1"),
    (re.compile(r"<!--.*?-->|</?[A-Za-z][^<>]*>", re.DOTALL), ""),
    (re.compile(r"!\[[^\]]*\](?:\([^()]*\)|\[[^\]]*\])"), ""),  # images
    (re.compile(r"\[([^\]]+)\](?:\((?:[^()]|\([^()]*\))*\)|\[[^\]]*\])"), r"\1"),  # links
    (re.compile(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1", re.DOTALL), r"\2"),
    (re.compile(r"(?<!\w)([*_])(?=\S)([^*_]+?)(?<=\S)\1(?!\w)"), r"\2"),
    (re.compile(r"(`+)(.+?)\1"), r"\2"),
    (re.compile(r"\\([\\`*_{}\[\]()#+.!>-])"), r"\1"),
)
LONGEST = 2_000  # characters that are kept, cut at a word
MOST_READ = 20_000  # characters of a body, and...
MOST_OF_A_BLOCK = 4_000  # ...of a paragraph: some marks take time by the square of its length


def first_paragraph(body: str) -> str:
    """Return the first paragraph of prose, without Markdown's marks, shortcodes and tags; "" if there is none."""
    for block in re.split(r"\n[ \t]*\n", _without_code(MORE.split(body[:MOST_READ])[0].replace("\r\n", "\n"))):
        lines = [re.sub(r"^\s*>[ ]?", "", line) for line in block.split("\n")]
        text = " ".join(line for line in lines if not NOT_PROSE.match(line))[:MOST_OF_A_BLOCK]
        for mark, instead in MARKS:
            text = mark.sub(instead, text)
        if text := plain(text):
            return text if len(text) <= LONGEST else text[:LONGEST].rpartition(" ")[0] + " …"
    return ""


def _without_code(body: str) -> str:
    """Return a body without what is between fences."""
    kept, fence = [], ""
    for line in body.split("\n"):
        mark = re.match(r"\s*(```|~~~)", line)
        if mark and not fence:
            fence = mark[1]
        elif mark and mark[1] == fence:
            fence = ""
        elif not fence:
            kept.append(line)
    return "\n".join(kept)
