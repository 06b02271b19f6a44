"""Asks nginx and the site the same, to compare what nginx answers by itself."""

import contextlib
import http.client
import ssl
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import override_settings
from django.urls import reverse

from home.page_cache.files import PageFiles
from home.page_cache.generation import FileGeneration
from home.page_cache.wsgi import PageCache
from tests.deploy.nginx import start_nginx
from tests.deploy.production import wait_until
from tests.home.page_cache.conftest import Reader
from tests.home.page_cache.staleness import free_port

# What each of the two says of itself, and of the connection.
OWN = {"x-page-cache", "server", "date", "connection"}
# In what ways a page may be asked for.
FORMS = (
    {},
    {"Accept-Encoding": "gzip, deflate, br, zstd"},
    {"Accept-Encoding": "gzip"},
    {"Accept-Encoding": "identity"},
    {"Accept-Encoding": "br;q=0, gzip"},
    {"Cookie": "theme=dark"},
    {"Range": "bytes=0-99"},
    {"Accept": "application/json"},
)


class PassedOn(BaseHTTPRequestHandler):
    """Stands for the site: what nginx passes on is answered by it, whatever that is."""

    def do_GET(self):
        self.send_response(299)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_HEAD = do_GET  # noqa: N815

    def log_message(self, *_):
        pass


class Comparison(contextlib.ExitStack):
    """The site behind its page cache, in this process, and nginx with the files that it writes."""

    def __enter__(self):
        super().__enter__()
        folder = Path(self.enter_context(tempfile.TemporaryDirectory()))
        self.port, upstream = free_port(), ThreadingHTTPServer(("127.0.0.1", 0), PassedOn)
        self.callback(upstream.server_close)
        self.callback(upstream.shutdown)
        threading.Thread(target=upstream.serve_forever, daemon=True).start()
        self.host = f"127.0.0.1:{self.port}"
        settings = {
            "BASE_URL": f"https://{self.host}",
            "SECURE_PROXY_SSL_HEADER": ("HTTP_X_FORWARDED_PROTO", "https"),
            "SECURE_HSTS_SECONDS": 31_536_000,
            "SECURE_REFERRER_POLICY": "strict-origin-when-cross-origin",
        }
        self.enter_context(override_settings(**settings))
        counter = FileGeneration(folder / "generation", PageFiles(folder / "pages"))
        self.site = Reader(
            PageCache(
                WSGIHandler(),
                megabytes=32,
                skipped=("/admin/", reverse("search")),
                counter=counter,
            )
        )
        # The connection of the test outlives its requests.
        for signal in (request_started, request_finished):
            signal.disconnect(close_old_connections)
            self.callback(signal.connect, close_old_connections)
        nginx = start_nginx(folder, upstream.server_port, self.port)
        self.callback(nginx.wait)
        self.callback(nginx.terminate)
        wait_until(lambda: self.by_nginx("/-/", "GET", {}))
        return self

    def by_nginx(self, path, method, headers):
        """The status, headers and body; None while nginx does not listen."""
        context = ssl._create_unverified_context()  # noqa: S323
        connection = http.client.HTTPSConnection(self.host, context=context, timeout=30)
        with contextlib.closing(connection), contextlib.suppress(ConnectionRefusedError):
            connection.request(method, path, headers={"Accept-Encoding": "", **headers})
            answer = connection.getresponse()
            found = [(k.lower(), v) for k, v in answer.getheaders() if k.lower() not in OWN]
            return answer.status, sorted(found), answer.read()

    def by_the_site(self, path, method, headers):
        environ = {f"HTTP_{name.upper().replace('-', '_')}": v for name, v in headers.items()}
        answer = self.site.ask(
            path, method, **environ, HTTP_HOST=self.host, HTTP_X_FORWARDED_PROTO="https"
        )
        found = [(name, value) for name, value in answer.headers.items() if name not in OWN]
        return answer.status, sorted(found), answer.body

    def compare(self, path, method, headers):
        """Whether nginx answers by itself; fails if it is not as the site does."""
        answer = self.by_nginx(path, method, headers)
        if answer[0] == 299:
            return False
        assert answer == self.by_the_site(path, method, headers), (path, method, headers)
        return True

    def etag(self, path):
        return dict(self.by_the_site(path, "GET", {})[1]).get("etag", '"none"')
