"""Path converters for the parts of dates and for the formats of feeds."""

from django.urls import register_converter
from django.urls.converters import IntConverter, StringConverter


class YearConverter(IntConverter):
    """A year from 1000 to 2999, in four digits."""

    regex = "[12][0-9]{3}"


class MonthConverter(IntConverter):
    """A month from 01 to 12, in two digits."""

    regex = "0[1-9]|1[0-2]"

    def to_url(self, value: int) -> str:
        return f"{value:02d}"


class DayConverter(MonthConverter):
    """A day from 01 to 31, in two digits. The view checks whether the month has it."""

    regex = "0[1-9]|[12][0-9]|3[01]"


class FeedConverter(StringConverter):
    """The formats of feeds that are named in addresses. Atom, the default, is not."""

    regex = "rss|json"


register_converter(YearConverter, "yyyy")
register_converter(MonthConverter, "mm")
register_converter(DayConverter, "dd")
register_converter(FeedConverter, "feed_kind")
