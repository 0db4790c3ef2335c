"""Control characters, which YAML forbids and some files have."""

import re

CONTROLS = [*range(1, 9), 11, 12, *range(14, 32), *range(0x7F, 0x85), *range(0x86, 0xA0)]
CONTROL = re.compile(f"[{re.escape(''.join(map(chr, CONTROLS)))}]")
ESCAPED = re.compile(r"\\U([0-9a-fA-F]{8})")
PRIVATE_BLOCKS = range(0xF00, 0x10FF)  # of 256 characters of private use


def hide(text: str) -> tuple[str, dict[int, int]]:
    """Return a text for YAML, with other characters in the place of control characters, and how to translate back.

    The other characters are of private use, and not in the text. All places in the text stay the same.
    """
    if not CONTROL.search(text):
        return text, {}
    used = {ord(letter) >> 8 for letter in set(text)} | {int(code[:6], 16) for code in ESCAPED.findall(text)}
    block = next((block for block in PRIVATE_BLOCKS if block not in used), PRIVATE_BLOCKS[0])
    table = {code: (block << 8) + code for code in CONTROLS}
    return text.translate(table), {hidden: code for code, hidden in table.items()}
