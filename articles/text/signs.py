"""Signs that hide: invisible ones, those that turn the direction of text, and marks that pile up on a letter.

Files keep them to the byte. Readers never see them where they say nothing.
"""

import re
import unicodedata

MOST_MARKS = 30  # in a row: Unicode's stream-safe text format (UAX 15, 13). Sorting more takes quadratic time
# Turn the direction of what follows, up to the end of the page.
TURNING = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
# Invisible, and no part of any script: soft hyphens, zero-width blanks, fillers, byte-order marks, tags.
UNSEEN = (
    "\xad\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b\u2060-\u2065\u206a-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e00ff"
)
JOINERS = "\u200c\u200d"  # parts of words in scripts from Hebrew on, and of emoji
MAY_HIDE = re.compile(f"[{TURNING}{UNSEEN}{JOINERS}]")
HIDING = re.compile(f"[{TURNING}{UNSEEN}]|(?<![\u0590-\u200b\u2010-\uffff\U00010000-\U0010ffff])[{JOINERS}]")
FLAG = re.compile("\U0001f3f4[\U000e0061-\U000e007a\U000e0030-\U000e0039]{1,6}\U000e007f")  # such as Scotland's
# The blocks of scripts that are written from right to left.
LEFTWARD = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\U00010800-\U00010fff\U0001e800-\U0001efff]")
# What may be or hold a mark: anything but Latin letters, kana, Chinese characters and Korean syllables.
MAY_PILE = re.compile("[^\x00-\u02ff\u3041-\u3096\u30a1-\u30fa\u3400-\u9fff\uac00-\ud7a3]{31,}")


def seen(text: str) -> str:
    """Return a text without signs that hide. Flags of emoji, and joiners within words, stay."""
    if text.isascii() or not MAY_HIDE.search(text):
        return text
    flags = FLAG.findall(text)
    found = HIDING.sub("", FLAG.sub("\U0001f3f4\ue000", text) if flags and "\ue000" not in text else text)
    for flag in flags:
        found = found.replace("\U0001f3f4\ue000", flag, 1)
    return found


def turns(text: str) -> bool:
    """Return whether a text has letters or digits of a script that is written from right to left."""
    return not text.isascii() and LEFTWARD.search(text) is not None


def hiding(text: str) -> str:
    """Return the signs of a text that hide, each once."""
    if text.isascii() or seen(text) == text:
        return ""
    return "".join(dict.fromkeys(HIDING.findall(FLAG.sub("", text))))


def stream_safe(text: str) -> str:
    """Return a text with at most MOST_MARKS marks in a row: those beyond are cut. Linear in its length."""
    if text.isascii() or not MAY_PILE.search(text):
        return text
    return MAY_PILE.sub(_without_piles, text)


def _without_piles(run: re.Match[str]) -> str:
    kept, marks = [], 0
    for letter in run[0]:
        marks = marks + 1 if unicodedata.category(letter)[0] == "M" else 0
        if marks <= MOST_MARKS:
            kept.append(letter)
    return "".join(kept)
