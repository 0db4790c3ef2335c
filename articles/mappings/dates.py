"""Dates as blogs write them: read to a moment in UTC, and written again in the same style."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone, tzinfo

from ..frontmatter import expected

ISO = re.compile(
    r"(?P<year>\d{4})(?P<sep>[-/.])(?P<month>\d\d?)(?P=sep)(?P<day>\d\d?)"
    r"(?:(?P<gap>[Tt]|[ ]+)(?P<hour>\d\d?):(?P<minute>\d\d)(?::(?P<second>\d\d)(?P<fraction>\.\d+)?)?"
    r"(?P<space>[ ]*)(?P<offset>[Zz]|UTC|GMT|[+-]\d\d(?::?\d\d)?)?(?P<utc>(?<=\d)[ ]+UTC)?)?",
    re.ASCII,
)
MAIL = re.compile(
    r"(?P<weekday>[A-Z][a-z]{2},[ ]+)?(?P<day>\d\d?)[ ](?P<name>[A-Z][a-z]{2})[ ](?P<year>\d{4})"
    r"(?P<gap>[ ]+)(?P<hour>\d\d?):(?P<minute>\d\d)(?::(?P<second>\d\d)(?P<fraction>))?"
    r"(?P<space>[ ]*)(?P<offset>Z|UTC|GMT|[+-]\d\d:?\d\d)?(?P<utc>)",
    re.ASCII,
)
WORDS = tuple(  # with words, or with the day first, where that can mean one day only
    f"{day}{time}"
    for day in ("%Y-%m-%d", "%d.%m.%Y", "%B %d, %Y", "%b %d, %Y", "%d %B %Y", "%d %b %Y")
    for time in ("", " %H:%M", " %H:%M:%S", " %I:%M %p", ", %I:%M %p", " %I:%M:%S %p")
)
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
EXAMPLES = "a date such as 2024-03-05, 2024-03-05 10:00 +0100 or Tue, 05 Mar 2024 10:00:00 GMT"


def read(text: str, formats: Sequence[str] = (), zone: tzinfo = UTC) -> datetime:
    """Return a moment to the second, in UTC. `zone` is that of dates without one.

    `formats` are a mapping's own, as `strptime` takes them; they are tried first. Raises ValueError with a sentence.
    """
    text = text.strip()
    try:
        moment = _read(text, formats, zone).astimezone(UTC).replace(microsecond=0)
    except (ValueError, OverflowError):
        what = f"{EXAMPLES}, or one of the mapping's formats" if formats else EXAMPLES
        raise ValueError(expected(what, text)) from None
    if not 1900 <= moment.year < 3000:
        raise ValueError(expected("a year from 1900 to 2999", text))
    return moment


def _read(text: str, formats: Sequence[str], zone: tzinfo) -> datetime:
    if own := _format(text, formats):
        moment = datetime.strptime(text, own)
        return moment if moment.tzinfo else moment.replace(tzinfo=zone)
    match = ISO.fullmatch(text) or MAIL.fullmatch(text)
    if match is None:
        raise ValueError
    month = MONTHS.index(match["name"]) + 1 if match.re is MAIL else int(match["month"])
    time = [int(match[name] or 0) for name in ("hour", "minute", "second")]
    moment = datetime(int(match["year"]), month, int(match["day"]), time[0], time[1], time[2])
    return moment.replace(tzinfo=_zone(match["offset"]) or zone)


def _format(text: str, formats: Sequence[str]) -> str:
    """Return the first format that a text has: the mapping's own, or one with words; "" for all others."""
    for each in (*formats, *(() if ISO.fullmatch(text) or MAIL.fullmatch(text) else WORDS)):
        try:
            datetime.strptime(text, each)
        except ValueError:
            continue
        return each
    return ""


def _zone(offset: str | None) -> tzinfo | None:
    if not offset:
        return None
    if offset[0] not in "+-":
        return UTC
    minutes = int(offset[1:3]) * 60 + int(offset[3:].strip(":") or 0)
    return timezone(timedelta(minutes=minutes if offset[0] == "+" else -minutes))


def write(moment: datetime, like: str, formats: Sequence[str] = (), zone: tzinfo = UTC) -> str:
    """Return a moment in the style of another date, with its offset. More digits are added where it needs them."""
    like = like.strip()
    if own := _format(like, formats):
        zoned = datetime.strptime(like, own).tzinfo
        local = moment.astimezone(zoned or zone)
        styles = (local.strftime(own + more) for more in ("", " %H:%M", " %H:%M:%S"))
        return next((text for text in styles if _is(moment, text, formats, zone)), _plainly(moment))
    match = ISO.fullmatch(like) or MAIL.fullmatch(like)
    if match is None:
        return _plainly(moment)
    local = moment.astimezone(_zone(match["offset"]) or zone)
    if match["gap"]:
        zone_text = "".join(match[name] or "" for name in ("space", "offset", "utc"))
        return f"{_date(local, match)}{match['gap']}{_time(local, match)}{zone_text}"
    is_midnight = (local.hour, local.minute, local.second) == (0, 0, 0)
    return _date(local, match) if is_midnight else f"{_date(local, match)} {local:%H:%M:%S}"


def _date(local: datetime, like: re.Match[str]) -> str:
    if like.re is MAIL:
        weekday = re.sub("[A-Za-z]+", DAYS[local.weekday()], like["weekday"] or "")
        return f"{weekday}{_digits(local.day, like['day'])} {MONTHS[local.month - 1]} {local.year:04}"
    return like["sep"].join((f"{local.year:04}", _digits(local.month, like["month"]), _digits(local.day, like["day"])))


def _time(local: datetime, like: re.Match[str]) -> str:
    time = f"{_digits(local.hour, like['hour'])}:{local.minute:02}"
    if like["second"] or local.second:
        time += f":{local.second:02}" + re.sub(r"\d", "0", like["fraction"] or "")
    return time


def _is(moment: datetime, text: str, formats: Sequence[str], zone: tzinfo) -> bool:
    try:
        return read(text, formats, zone) == moment
    except ValueError:
        return False


def _plainly(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _digits(number: int, like: str) -> str:
    return f"{number:02}" if len(like) == 2 else str(number)
