"""Hosts as readers see them: letters where nobody is misled, Punycode where a name looks like another."""

import unicodedata
from functools import lru_cache

from .plain import plain

# Scripts that one name may mix (Unicode's "highly restrictive" level, UTS 39, 5.2). Digits and hyphens go with all.
TOGETHER = [
    {"LATIN", "CJK", "HIRAGANA", "KATAKANA"},
    {"LATIN", "CJK", "BOPOMOFO"},
    {"LATIN", "CJK", "HANGUL"},
]
# Letters that look like Latin ones. A name of nothing else below a Latin domain is taken for a Latin name.
LOOKALIKES = set("асԁеһіјӏорԛѕԝхуԍьпгѵѡкмтвнαβεηικνορτυχωγծօսցհոքգզ")
HYPHENS = set("-0123456789")
WIDE = ("FULLWIDTH", "HALFWIDTH", "MATHEMATICAL", "MODIFIER", "SUPERSCRIPT", "SUBSCRIPT", "COMBINING")


@lru_cache(maxsize=10_000)
def shown_host(host: str) -> str:
    """Return a host for readers. A label that mixes scripts, or only looks Latin, is in Punycode (`xn--…`).

    What stands after the host, such as a port or path, stays as it is.
    """
    if host.isascii():
        return host
    name, rest = _split(host)
    labels = name.split(".")
    is_latin = labels[-1].isascii()
    return ".".join(_shown(label, is_latin and len(labels) > 1) for label in labels) + rest


def shown_name(name: str) -> str:
    """Return an outlet's name for readers: as plain text, and as a host if it looks like one."""
    name = plain(name)
    return shown_host(name) if "." in name and " " not in name else name


def _split(host: str) -> tuple[str, str]:
    end = min((place for place in map(host.find, ":/?#") if place >= 0), default=len(host))
    return host[:end], host[end:]


def _shown(label: str, below_latin: bool) -> str:
    if label.isascii() or not _misleads(label, below_latin):
        return label
    return "xn--" + label.encode("punycode", "replace").decode("ascii")


def _misleads(label: str, below_latin: bool) -> bool:
    """Return whether readers may take a label for another one."""
    letters = [letter for letter in label if letter not in HYPHENS]
    if any(unicodedata.category(letter)[0] not in "LM" or "\u0250" <= letter <= "\u02af" for letter in letters):
        return True  # signs, invisible letters, other digits; letters of phonetics, which no name needs
    scripts = {_script(letter) for letter in letters if unicodedata.category(letter)[0] == "L"}
    if scripts & set(WIDE) or (len(scripts) > 1 and not any(scripts <= group for group in TOGETHER)):
        return True
    return below_latin and all(letter in LOOKALIKES for letter in letters)


def _script(letter: str) -> str:
    """Return the script of a letter: the first word of its name in Unicode."""
    return unicodedata.name(letter, "UNKNOWN").replace("-", " ").partition(" ")[0]
