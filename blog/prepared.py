"""
Queries whose SQL is written once.

Django writes the SQL of a queryset anew each time, which costs many times what the database needs
for the answer. A `Prepared` query is written for its first values and asked again with others.
"""

import datetime as dt
import re
from collections.abc import Callable, Hashable
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import QuerySet

# What may be written into SQL as it is: a place in the page tree, for one.
PLAIN = re.compile(r"[0-9A-Za-z]*%?", re.ASCII)


def stand_in(value: Any, number: int) -> Any:
    """A value of the same type that occurs nowhere else, to be found in the parameters again."""
    if isinstance(value, str):
        return f"stand-in {number}"
    if isinstance(value, dt.datetime):
        return dt.datetime(1701, 1, 1, 0, 0, number, tzinfo=dt.UTC)
    return 8_070_605_040 + number


class Prepared:
    """
    `build(*values)` is a queryset of `values_list`; calling with values returns its rows.

    Values are whole numbers, strings and moments. What else makes the SQL another, such as how
    many values there are, is told with `shape` and handed to `build` as a keyword.
    """

    def __init__(self, build: Callable[..., QuerySet]) -> None:
        self.build = build
        self.written: dict[Hashable, tuple] = {}

    def rows(self, *values: Any, shape: Hashable) -> QuerySet:
        return self.build(*values, shape=shape)

    def __call__(self, *values: Any, shape: Hashable = None) -> list[Any]:
        # Asked for once: which connection is this thread's takes a while to find out.
        connection = connections[DEFAULT_DB_ALIAS]
        key = (connection.vendor, len(values), shape)
        written = self.written.get(key)
        if written is None:
            written = self.written[key] = self.write(connection, values, shape)
        sql, parameters, converters = written
        adapted = [self.adapt(connection, value) for value in values]
        with connection.cursor() as cursor:
            cursor.execute(sql, [p if n is None else adapted[n] for p, n in parameters])
            rows = cursor.fetchall()
        if not converters:
            return rows
        return [self.convert(connection, row, converters) for row in rows]

    def write(self, connection, values, shape):
        marks = [stand_in(value, number) for number, value in enumerate(values)]
        queryset = self.rows(*marks, shape=shape)
        compiler = queryset.query.get_compiler(connection=connection)
        sql, parameters = compiler.as_sql()
        places = {self.adapt(connection, mark): number for number, mark in enumerate(marks)}
        converters = compiler.get_converters([each[0] for each in compiler.select])
        first, *pieces = sql.split("%s")
        written, asked = [first], []
        for parameter, piece in zip(parameters, pieces, strict=True):
            number = places.get(parameter)
            # SQLite plans a query anew at each call when what LIKE compares with is a parameter.
            if number is None and isinstance(parameter, str) and PLAIN.fullmatch(parameter):
                written.append("'" + parameter.replace("%", "%%") + "'")
            else:
                written.append("%s")
                asked.append((parameter, number))
            written.append(piece)
        return (
            "".join(written),
            asked,
            [(place, functions, column) for place, (functions, column) in converters.items()],
        )

    def adapt(self, connection, value):
        if isinstance(value, dt.datetime):
            return connection.ops.adapt_datetimefield_value(value)
        return value

    def convert(self, connection, row, converters):
        row = list(row)
        for place, functions, column in converters:
            for function in functions:
                row[place] = function(row[place], column, connection)
        return tuple(row)


class PreparedInstances(Prepared):
    """As `Prepared`, where `build` returns a queryset whose instances are read whole."""

    def __call__(self, *values: Any, shape: Hashable = None) -> list[Any]:
        rows = super().__call__(*values, shape=shape)
        return [self.model.from_db(DEFAULT_DB_ALIAS, self.names, row) for row in rows]

    def rows(self, *values: Any, shape: Hashable) -> QuerySet:
        queryset = self.build(*values, shape=shape)
        self.model, self.names = queryset.model, columns(queryset.model)
        return queryset.values_list(*self.names)


def columns(model, *names: str, without=()) -> list[str]:
    """The names of a model's columns, as `from_db` takes them: all, or those named."""
    found = [field.attname for field in model._meta.concrete_fields if field.name not in without]
    return [name for name in found if not names or name in names]


def padded(keys):
    """As many keys as the next power of two, so that few queries have to be written."""
    keys = list(keys)
    size = 1 << (len(keys) - 1).bit_length()
    return [*keys, *[keys[-1]] * (size - len(keys))]
