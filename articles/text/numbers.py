"""The one reader of numbers and ids that strangers write: in addresses, parameters and forms."""

import re

LARGEST_ID = 2**63 - 1  # what both databases can store
_WHOLE = re.compile(r"-?[0-9]{1,19}", re.ASCII)


def read_number(text: str | None, lowest: int, highest: int) -> int | None:
    """Return the whole number that a text is, in ASCII digits, or None if it is none or out of range."""
    if text is None or not _WHOLE.fullmatch(text):
        return None
    number = int(text)
    return number if lowest <= number <= highest else None


def read_id(text: str | None) -> int | None:
    """Return the id of a row that a text is, from 1 to 2**63 - 1, or None."""
    return read_number(text, 1, LARGEST_ID)
