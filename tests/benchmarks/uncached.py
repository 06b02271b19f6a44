"""
The site without its page cache; it says in X-Queries how many queries an answer took.

What is worked out once after each change (`caches["until_change"]`) is kept as ever.
"""

import os

from django.db.backends.signals import connection_created

os.environ["PAGE_CACHE_MB"] = "0"

from settings.wsgi import application as site


class Counter:
    """Counts queries; exact while one reader asks."""

    count = 0

    def install(self, connection, **kwargs):
        connection.execute_wrappers.append(self.execute)

    def execute(self, execute, sql, params, many, context):
        self.count += 1
        return execute(sql, params, many, context)


counter = Counter()
connection_created.connect(counter.install)


def application(environ, start_response):
    counter.count = 0

    def start(status, headers, exc_info=None):
        return start_response(status, [*headers, ("X-Queries", str(counter.count))], exc_info)

    return site(environ, start)
