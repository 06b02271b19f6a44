"""Dates in addresses: what is no year, month or day does not match, so it is not found."""

from django.urls import register_converter


class YearConverter:
    """A year from 1000 to 2999, in four digits."""

    regex = "[12][0-9]{3}"

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, value: int) -> str:
        return f"{value:04d}"


class MonthConverter:
    """A month from 01 to 12, in two digits."""

    regex = "0[1-9]|1[0-2]"

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, value: int) -> str:
        return f"{value:02d}"


class DayConverter(MonthConverter):
    """A day from 01 to 31, in two digits; whether the month has it is for the view to say."""

    regex = "0[1-9]|[12][0-9]|3[01]"


register_converter(YearConverter, "yyyy")
register_converter(MonthConverter, "mm")
register_converter(DayConverter, "dd")


class FeedConverter:
    """The kinds of feed besides the first, which has no name in its address."""

    regex = "rss|json"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(FeedConverter, "feed_kind")
