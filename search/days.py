"""Days, months and years as people write them."""

import calendar
import datetime as dt
import re

from django.utils import dates

ORDINAL = r"(?:st|nd|rd|th)?"
YEAR_FIRST = re.compile(r"(\d{4})(?:[-/.](\d{1,2})(?:[-/.](\d{1,2}))?)?")
YEAR_LAST = re.compile(r"(?:(\d{1,2})[-/.])?(\d{1,2})[-/.](\d{4})")
NAME = r"([^\W\d]+)\.?"
DAY_FIRST = re.compile(rf"(?:(\d{{1,2}}){ORDINAL}\.?\s+)?{NAME},?\s+(\d{{4}})", re.IGNORECASE)
DAY_SECOND = re.compile(rf"{NAME}\s+(\d{{1,2}}){ORDINAL},?\s+(\d{{4}})", re.IGNORECASE)
SHORTEST_NAME = 3


def month_of(name: str) -> int:
    """Return a month by its name or the beginning of it, in English or the site's language."""
    name = name.casefold()
    for number in range(1, 13):
        for full in (calendar.month_name[number], str(dates.MONTHS[number])):
            if len(name) >= SHORTEST_NAME and full.casefold().startswith(name):
                return number
    raise ValueError(name)


def first_day(text: str) -> dt.date | None:
    """
    Return the first day of a year, a month or a day; None for what is none of these.

    "2015", "2014-10", "2014/10/18", "18/10/2014", "10/2014", "October 2014", "18 Oct 2014" and
    "October 18, 2014" are understood. Of two numbers the first is the day where both can be.
    """
    text = " ".join(text.split())
    try:
        if match := YEAR_FIRST.fullmatch(text):
            year, month, day = (int(part) if part else 1 for part in match.groups())
        elif match := YEAR_LAST.fullmatch(text):
            day, month, year = (int(part) if part else 1 for part in match.groups())
            if month > 12 >= day:
                day, month = month, day
        elif match := DAY_FIRST.fullmatch(text):
            day, month, year = int(match[1] or 1), month_of(match[2]), int(match[3])
        elif match := DAY_SECOND.fullmatch(text):
            month, day, year = month_of(match[1]), int(match[2]), int(match[3])
        else:
            return None
        return dt.date(year, month, day)
    except ValueError:
        return None
