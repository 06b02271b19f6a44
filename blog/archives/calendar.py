"""The years and months of a blog for its archive."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass
class Month:
    """One month of the grid; `weight` is 1 to 4, or 0 for a month without posts."""

    date: dt.date
    count: int
    weight: int


@dataclass
class Year:
    """A year and its twelve months."""

    year: int
    months: list[Month]

    @property
    def count(self) -> int:
        return sum(month.count for month in self.months)


def years(posts: Mapping[dt.date, int]) -> list[Year]:
    """
    Return the years that have posts, newest first, each with all its months.

    `posts` has the number of posts of each month by its first day.
    """
    most = max(posts.values(), default=0)
    grid = []
    for year in sorted({date.year for date in posts}, reverse=True):
        months = []
        for number in range(1, 13):
            date = dt.date(year, number, 1)
            count = posts.get(date, 0)
            months.append(Month(date, count, -(-4 * count // most)))
        grid.append(Year(year, months))
    return grid
