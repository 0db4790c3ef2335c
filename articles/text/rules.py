"""What names and addresses may be: in files, in forms and in commands alike.

Each function takes a text and returns it, or a plainer spelling of it. It raises ValueError with a sentence.
"""

import re
import unicodedata

from . import addresses
from .domains import MAX_DOMAIN
from .printable import expected

MAX_ADDRESS = 2048  # characters, and bytes too: a database's index has a limit
MAX_SLUG = 100
MAX_SOURCE = 50
SOURCE = r"[a-z0-9][a-z0-9-]*"
WEB = re.compile(r"(?is)https?://[^\s/?#].*")
OWN = re.compile(r"(?is)(?![a-z][a-z0-9+.-]*:)\S.*")  # of the source's own site, such as /assets/logo.png
PLAIN_HOST = re.compile(r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*+").fullmatch
PLAIN_ADDRESS = re.compile(r"(?s)https?://[A-Za-z0-9.-]+(?::\d{1,5})?(?:[/?#].*)?").fullmatch
NOT_IN_HOST = re.compile(r"[\s\x00-\x20<>\"'\\^`{|}]")


def address(text: str) -> str:
    """Take an http or https address with a host and without a name or password before it.

    All else is kept as the source has it: some addresses are long, or have blanks or non-ASCII characters.
    """
    _check_size(text)
    if PLAIN_ADDRESS(text):  # nearly all
        return text
    if not WEB.fullmatch(text):
        raise ValueError(expected("an address that starts with http:// or https://", text))
    host = addresses.host_part(text)
    if "@" in host:
        raise ValueError("expected an address without a name or password before its host, found one with an @ there")
    if NOT_IN_HOST.search(host.rstrip()):
        raise ValueError(expected("an address with a host such as https://example.org/", text))
    return text


def picture_address(text: str) -> str:
    """Take the address of a picture: of http or https, or one of the source's own site such as `/assets/logo.png`."""
    if OWN.fullmatch(text):
        _check_size(text)
        if re.match(r"[/\\]{2}", re.sub(r"[\t\r\n]", "", text)):  # a host, for browsers
            address(f"https:{text}")
        return text
    if not WEB.fullmatch(text):
        raise ValueError(expected("an address that starts with http://, https:// or /", text))
    return address(text)


def _check_size(text: str) -> None:
    if (size := len(text if text.isascii() else text.encode(errors="replace"))) > MAX_ADDRESS:
        raise ValueError(f"expected at most {MAX_ADDRESS} bytes, found {size}")


def domain(text: str) -> str:
    """Take the domain of an outlet as a file prints it, but for `https://` before it and a slash after it.

    A few real files have a whole address with its path.
    """
    what = "a domain name such as example.org"
    if len(text) > MAX_DOMAIN:
        raise ValueError(f"expected at most {MAX_DOMAIN} characters, found {len(text)}")
    found = re.sub("(?i)^https?://", "", text)
    host, slash, path = found.partition("/")
    if not re.fullmatch(r"[^\s.:]+(\.[^\s.:]+)*\.?(:\d{1,5})?", host) or not all(map(_in_host, host)):
        raise ValueError(expected(what, text))
    if not all(letter > " " and letter.isprintable() for letter in path):
        raise ValueError(expected(what, text))
    return host + slash + path if path else host


def _in_host(letter: str) -> bool:
    """Whether a character may be in the name of a host: a letter, a digit, or a sign such as an emoji."""
    return letter in ".:" or in_name(letter) or (not letter.isascii() and unicodedata.category(letter) == "So")


def in_name(letter: str) -> bool:
    """Whether a character may be in a name: letters, which have marks in many scripts, digits, `-` and `_`."""
    if letter.isascii():
        return letter.isalnum() or letter in "-_"
    return unicodedata.category(letter)[0] in "LMN" or letter in "\u200c\u200d"  # that join letters, or do not


def slug(text: str) -> str:
    """Take a name that is part of an address on this site."""
    if len(text) > MAX_SLUG:
        raise ValueError(f"expected at most {MAX_SLUG} characters, found {len(text)}")
    if not text or not all(map(in_name, text)):
        raise ValueError(expected("letters, digits, '-' or '_'", text))
    return text


def stem(text: str) -> str:
    """Take the name of an article's file without `.md`."""
    if not text.isascii() and any("\ud800" <= letter <= "\udfff" for letter in text):
        raise ValueError(expected("a file name in UTF-8", text))
    if (size := len(text.encode())) > addresses.MAX_STEM_BYTES:
        raise ValueError(f"expected at most {addresses.MAX_STEM_BYTES} bytes before .md, found {size}")
    if not re.match(addresses.STEM, text):
        what = "no dot or blank at the start, no blank at the end, and no '\\', control or invisible characters"
        raise ValueError(expected(what, text))
    return text


def source(text: str) -> str:
    """Take the name of a source."""
    if not re.fullmatch(SOURCE, text):
        raise ValueError(expected("a-z, 0-9 and hyphens", text))
    if len(text) > MAX_SOURCE:
        raise ValueError(f"expected at most {MAX_SOURCE} characters, found {len(text)}")
    return text
