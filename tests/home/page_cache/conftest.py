import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, connection
from django.test import RequestFactory

from home.page_cache import generation
from home.page_cache.generation import FileGeneration
from home.page_cache.wsgi import PageCache


class Answer:
    def __init__(self, status, headers, body):
        self.status = int(status.split()[0])
        self.headers = {name.lower(): value for name, value in headers}
        self.body = body
        self.state = self.headers.get("x-page-cache")


class Reader:
    """Somebody who asks a WSGI application for pages, without a browser's help."""

    def __init__(self, application):
        self.application = application

    def ask(self, address, method="GET", **environ):
        started = []
        environ = {"HTTP_HOST": "testserver", **environ}
        request = RequestFactory().generic(method, address, **environ)
        response = self.application(request.environ, lambda *args: started.append(args))
        body = b"".join(response)
        if hasattr(response, "close"):
            response.close()
        return Answer(started[0][0], started[0][1], body)


@pytest.fixture
def counter(tmp_path, monkeypatch):
    counter = FileGeneration(tmp_path / "generation")
    monkeypatch.setattr(generation, "shared", lambda: counter)
    return counter


@pytest.fixture
def keep(counter, settings):
    """Put a page cache in front of an application: `keep(application, megabytes=1)`."""
    settings.ALLOWED_HOSTS = ["testserver", "example.org"]

    def keep(application, megabytes=4, **options):
        options = {"skipped": ("/admin/", "/search/"), "counter": counter, **options}
        return PageCache(application, megabytes=megabytes, **options)

    return keep


@pytest.fixture
def reader(keep, db):
    """A reader of the whole site through a page cache."""
    # As Django's test client does: the test's connection outlives its requests.
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield Reader(keep(WSGIHandler()))
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def change(django_capture_on_commit_callbacks):
    """Run what follows as a transaction that commits: `with change(): …`."""

    def change():
        # What the test has prepared is committed already, as far as the site can tell.
        connection.run_on_commit.clear()
        return django_capture_on_commit_callbacks(execute=True)

    return change
