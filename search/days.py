"""Days, months and years as people write them."""

import calendar
import datetime as dt
import re
from contextlib import suppress

from django.utils import dates

ORDINAL = re.compile(r"(?<=\d)(?:st|nd|rd|th)\b")
WORD = re.compile(r"[^\W\d_]{3,}")
BETWEEN = re.compile(r"[\s.,/-]+")
# The name of a month is read as "m" and its number. Of two numbers the first is the day if it can.
FORMATS = (
    *("%Y", "%Y-%m", "%Y-%m-%d", "%m-%Y", "%d-%m-%Y", "%m-%d-%Y"),
    *("m%m-%Y", "%d-m%m-%Y", "m%m-%d-%Y"),
)


def month_of(word: re.Match[str]) -> str:
    """Return the number of a month by the beginning of its name, in English or the site's words."""
    for number in range(1, 13):
        for name in (calendar.month_name[number], str(dates.MONTHS[number])):
            if name.casefold().startswith(word[0]):
                return f"m{number}"
    return word[0]


def first_day(text: str) -> dt.date | None:
    """
    Return the first day of a year, a month or a day; None for what is none of these.

    "2015", "2014-10", "2014/10/18", "18/10/2014", "10/2014", "October 2014", "18 Oct 2014" and
    "October 18, 2014" are understood.
    """
    plain = WORD.sub(month_of, ORDINAL.sub("", text.strip().casefold()))
    plain = BETWEEN.sub("-", plain)
    for format_ in FORMATS:
        with suppress(ValueError):
            return dt.datetime.strptime(plain, format_).date()
    return None
