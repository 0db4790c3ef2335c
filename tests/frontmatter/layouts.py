"""Articles' files in many styles, as pieces: each key's own lines, and what is between them."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime

from hypothesis import strategies as st

from articles.frontmatter.schema import ARTICLE

KEYS = {field.name: field.key for field in ARTICLE.fields}
MOMENT = datetime(2024, 3, 5, 10, tzinfo=UTC)


@dataclass
class Layout:
    """A file. `pieces` are keys, "" for what is none, with their text; `head` and `tail` surround them."""

    head: str
    pieces: list[tuple[str, str]]
    tail: str

    @property
    def text(self):
        return self.head + "".join(text for _, text in self.pieces) + self.tail

    def around(self, key):
        """What precedes a key and what follows it; None if it is not there."""
        keys = [known for known, _ in self.pieces]
        if key not in keys:
            return None
        place = keys.index(key)
        texts = [text for _, text in self.pieces]
        return self.head + "".join(texts[:place]), "".join(texts[place + 1 :]) + self.tail


def indent(text, by):
    return "".join(" " * by + line if line.strip() else line for line in text.splitlines(keepends=True))


# Each key in several ways, all of which mean the same.
TITLE = [
    'title: "Good one"\n', "title: Good one\n", "title:   'Good one'   # as it was\n", '"title": Good one\n',
    "title: >-\n  Good\n  one\n", "title: |-\n    Good one\n", "title: Good\n  one # not now\n",
    "? title\n: Good one\n", "title:\n  Good one\n", "'title' : \"Good\n  one\"\n", "title: \"Good\\x20one\"\n",
]  # fmt: skip
EXCERPT = [
    'excerpt: "A short text."\n', "excerpt: A short text. # by hand, see mail\n", "excerpt: 'A short text.'\n",
    "excerpt: >-\n   A short\n   text.\n\n", "excerpt: |-\n  A short text.\n\n\n", "excerpt: A\n  short\n  text.\n", "",
]  # fmt: skip
PUBLISHED = [
    "publishedDateTime: 2024-03-05T10:00:00Z\n", 'publishedDateTime: "2024-03-05T12:00:00+02:00"\n',
    "? publishedDateTime # when\n: 2024-03-05T10:00:00Z\n", "publishedDateTime:  '2024-03-05T10:00:00Z'\n",
]  # fmt: skip
QUALITY = ["quality: 80\n", 'quality: "80"  # ranker\n', "quality: +80\n", "quality: 080\n", "quality:\n", ""]
PROVIDER = [
    "provider:\n  name: Example\n  domain: example.org\n",
    "provider: # main\n    name: 'Example'   # outlet\n\n    # its site\n    domain: example.org\n    country: no\n",
    "provider: {name: Example, domain: example.org}\n",
    'provider: {"name":"Example","domain":"example.org","id":1.10} # flow\n',
    "provider:\n  ? name\n  : Example\n  domain: example.org\n",
    "provider: {\n  name: Example, # outlet\n  domain: example.org,\n  }\n",
    "provider:\n  domain: example.org\n  name:\n    Example\n",
]
TOPICS = [
    "topics:\n  - Sea\n  - Weather\n", "topics:\n- Sea\n# between\n- Weather\n", "topics: [Sea, Weather]\n",
    "topics: ['Sea',\n  'Weather', ] # two\n", 'topics:\n    - "Sea" # one\n\n    - "Weather"\n', "topics: []\n",
    "topics:\n", "", "topics:\n  -   Sea\n  -\n    Weather\n",
]  # fmt: skip
IMAGES = [
    "images:\n  - url: https://i.example/a.jpg\n    width: 2\n",
    "images: [{url: 'https://i.example/a.jpg', width: 2}]\n",
    'images:\n- {"url": "https://i.example/a.jpg", "width": 2} # one\n', "images: ~\n", "",
    "images:\n  -\n    url: https://i.example/a.jpg\n    # pixels\n    width: 2\n    alt: 007\n",
]  # fmt: skip
UNKNOWN = [
    "id: 12345678901234567890\n", "v: 1.10\n", "note: |+\n  title: no title\n  topics:\n\n", "when: 2024-01-01\n",
    'byline: "A\u2028B\x85C"\n', "nest:\n  a: [1, 2.50, ~]\n  title: inner\n", "text: 'two\n  quality: 1'\n",
    "# title: old\n", "\n", " # indented\n", "empty:\n", "? odd key\n: - title: x\n", "flag: yes\n",
    "colour: \"\x01 raw \x1b\"\n", "e: 😀 é # ü\n", "tab:\tafter\t# one\n", "list:\n- - a\n  - b\n-\n  - c\n",
    "heat: ~\n",
]  # fmt: skip
TAILS = ["---\n", "---\n\n", "---", "--- \t\n", "# last note\n---\n", "...\n---\n\n", "\n# end\n\n...\n---\n"]


@st.composite
def blocks(draw):
    """A file with a line for each key, at any indentation, in any order, with line ends of both kinds."""
    known = [("title", TITLE), ("excerpt", EXCERPT), ("publishedDateTime", PUBLISHED), ("quality", QUALITY),
             ("provider", PROVIDER), ("topics", TOPICS), ("images", IMAGES)]  # fmt: skip
    pieces = [(key, draw(st.sampled_from(ways))) for key, ways in known]
    pieces = draw(st.permutations(pieces)) if draw(st.booleans()) else pieces
    pieces = [piece for piece in pieces if piece[1]]
    for text in draw(st.lists(st.sampled_from(UNKNOWN), max_size=5, unique=True)):
        pieces.insert(draw(st.integers(0, len(pieces))), ("", text))
    by = draw(st.sampled_from([0, 0, 0, 2, 3]))
    ends = draw(st.sampled_from([["\n"], ["\n"], ["\r\n"], ["\n", "\r\n"]]))

    def ended(text):
        return "".join(line.removesuffix("\n") + (draw(st.sampled_from(ends)) if line.endswith("\n") else "")
                       for line in indent(text, by).splitlines(keepends=True))  # fmt: skip

    first = draw(st.sampled_from(["---", "---", "---  ", "\ufeff---"])) + ends[-1]
    return Layout(
        first, [(key, ended(text)) for key, text in pieces], draw(st.sampled_from(TAILS)).replace("\n", ends[0])
    )


@st.composite
def braces(draw):
    """A file in braces: JSON on one line or many, or YAML's own, with comments."""
    values = {
        "title": "Good one", "excerpt": "A short text.", "publishedDateTime": "2024-03-05T10:00:00Z", "quality": 80,
        "provider": {"name": "Example", "domain": "example.org"}, "topics": ["Sea", "Weather"],
        "images": [{"url": "https://i.example/a.jpg", "width": 2}], "id": "ID", "phone": "0123", "v": "V",
    }  # fmt: skip
    for key in draw(st.lists(st.sampled_from(["excerpt", "quality", "topics", "images", "phone"]), unique=True)):
        del values[key]
    keys = draw(st.permutations(list(values)))
    style = draw(st.sampled_from(["compact", "one line", "pretty", "yaml"]))
    separators = {"compact": ",", "one line": ", ", "pretty": ",\n  ", "yaml": ", # title: no\n  "}
    opening, closing = ("{\n  ", "\n}") if style in ("pretty", "yaml") else ("{", "}")
    pieces = []
    for key in keys:
        dumped = json.dumps(values[key], separators=(",", ":") if style == "compact" else None)
        dumped = dumped.replace('"ID"', "12345678901234567890").replace('"V"', "1.10")
        written = f"{key}: {dumped}" if style == "yaml" else f'"{key}":{"" if style == "compact" else " "}{dumped}'
        pieces += [("", separators[style]), (key, written)] if pieces else [(key, written)]
    return Layout("---\n" + opening, pieces, closing + "\n---\n")
