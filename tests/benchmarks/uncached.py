"""The site behind no page cache; it says in X-Queries how many queries an answer took."""

from django.core.wsgi import get_wsgi_application
from django.db.backends.signals import connection_created


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
django = get_wsgi_application()


def application(environ, start_response):
    counter.count = 0

    def start(status, headers, exc_info=None):
        return start_response(status, [*headers, ("X-Queries", str(counter.count))], exc_info)

    return django(environ, start)
