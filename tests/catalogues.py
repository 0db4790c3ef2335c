"""Translation catalogues read from, and compiled to, the files of gettext without its tools."""

import re
import struct
from ast import literal_eval
from dataclasses import dataclass

FIELD = re.compile(r'^(msgctxt|msgid_plural|msgid|msgstr(?:\[\d+\])?) ((?:".*"\n?)+)', re.M)
HEADER = "Content-Type: text/plain; charset=UTF-8\nPlural-Forms: nplurals=2; plural=(n != 1);\n"


@dataclass(frozen=True)
class Message:
    context: str
    text: str
    plural: str
    translations: tuple[str, ...]
    is_fuzzy: bool = False

    @property
    def key(self):
        """As compiled catalogues name it."""
        text = f"{self.text}\0{self.plural}" if self.plural else self.text
        return f"{self.context}\4{text}" if self.context else text


def read(path):
    """The messages of a `.po` file, without its header."""
    messages = [_message(entry) for entry in re.split(r"\n\n+", path.read_text(encoding="utf-8").strip())]
    return [message for message in messages if message and message.text]


def _message(entry):
    fields = {name: "".join(map(literal_eval, lines.splitlines())) for name, lines in FIELD.findall(entry)}
    if "msgid" not in fields:
        return None
    translations = tuple(text for name, text in fields.items() if name.startswith("msgstr"))
    context, plural = fields.get("msgctxt", ""), fields.get("msgid_plural", "")
    return Message(context, fields["msgid"], plural, translations, is_fuzzy=bool(re.search("^#,.*fuzzy", entry, re.M)))


def write(path, texts):
    """A compiled catalogue (`.mo`): `texts` has the translations by key, of a plural with NULL between them."""
    pairs = sorted((key.encode(), text.encode()) for key, text in {"": HEADER, **texts}.items())
    tables, data = [[], []], b""
    for pair in pairs:
        for table, text in zip(tables, pair, strict=True):
            table += [len(text), 28 + 16 * len(pairs) + len(data)]
            data += text + b"\0"
    head = (0x950412DE, 0, len(pairs), 28, 28 + 8 * len(pairs), 0, 0)
    path.parent.mkdir(parents=True)
    path.write_bytes(struct.pack(f"<{7 + 4 * len(pairs)}I", *head, *tables[0], *tables[1]) + data)
