"""The normal form of names: two spellings of one domain, or of one word, are equal in it."""

import unicodedata
from functools import lru_cache

MAX_DOMAIN = 253  # characters


def composed(text: str) -> str:
    """Return a text with accents composed (NFC), as most keyboards write it."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


@lru_cache(maxsize=10_000)
def normal_domain(domain: str) -> str:
    """Return a domain in lower case, without the dot at its end, and with letters instead of Punycode.

    `Example.ORG.` gives `example.org`, `xn--bcher-kva.example` gives `bücher.example`. Keeps a path, which some files
    print after the domain. Applying it twice changes nothing.
    """
    host, slash, path = domain.partition("/")
    name, colon, port = host.partition(":")
    labels = (_readable(label) for label in composed(name.lower()).rstrip(".").split("."))
    return (composed(".".join(labels)) + colon + port + slash + path)[:MAX_DOMAIN] or domain[:MAX_DOMAIN]


def _readable(label: str) -> str:
    """Return the letters of a label in Punycode; any other label as it is."""
    if not label.startswith("xn--"):
        return label
    try:
        letters = label[4:].encode("ascii").decode("punycode")
        again = letters.encode("punycode").decode("ascii")
    except UnicodeError:
        return label
    is_name = all(unicodedata.category(letter)[0] in "LMNS" or letter in "-_\u200c\u200d" for letter in letters)
    is_normal = letters == composed(letters.lower()) and not letters.isascii() and not letters.startswith("xn--")
    return letters if is_name and is_normal and again == label[4:] else label
