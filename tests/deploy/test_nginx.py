"""The nginx of deploy/nginx.conf, in front of an application behind our page cache."""

import gzip
import http.client
import os
import re
import socket
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request

import pytest
from django.conf import settings

from home.page_cache.files import PageFiles
from home.page_cache.generation import FileGeneration
from settings.headers import FILE_POLICY, PAGE_HEADERS
from tests.deploy.nginx import start_nginx
from tests.home.page_cache.staleness import free_port
from tests.settings.test_media import FOLDERS, ways_to

pytestmark = [pytest.mark.nginx, pytest.mark.once]

SITE = """
import os
from pathlib import Path
from django.conf import settings
from settings.headers import PAGE_HEADERS
settings.configure(ALLOWED_HOSTS=["*"], BASE_URL=os.environ["BASE"], SECRET_KEY="x",
                   SECURE_PROXY_SSL_HEADER=("HTTP_X_FORWARDED_PROTO", "https"),
                   PAGE_HEADERS=PAGE_HEADERS)
from home.page_cache.files import PageFiles
from home.page_cache.generation import FileGeneration
from home.page_cache.wsgi import PageCache

data = Path(os.environ["DATA"])
counter = FileGeneration(data / "generation", PageFiles(data / "pages"))

def django(environ, start_response):
    words = (data / "words").read_bytes()
    start_response("200 OK", [("Content-Type", "text/html; charset=utf-8"),
        *PAGE_HEADERS.items(), ("Speculation-Rules", '"/speculation-rules.json"')])
    return [words * 100 + environ["QUERY_STRING"].encode()]

application = PageCache(django, megabytes=4, skipped=(), counter=counter)
"""


class Front:
    def __init__(self, port, plain, folder):
        self.port, self.plain, self.folder = port, plain, folder
        self.context = ssl._create_unverified_context()  # noqa: S323

    def ask(self, path, **headers):
        request = urllib.request.Request(f"https://127.0.0.1:{self.port}{path}")
        for name, value in headers.items():
            request.add_header(name.replace("_", "-"), value)
        try:
            response = urllib.request.urlopen(request, context=self.context)
        except urllib.error.HTTPError as error:
            response = error
        response.body = response.read()
        return response

    def ask_as_written(self, path):
        """Ask for a path as it stands, which clients tidy up; returns the whole answer."""
        with (
            socket.create_connection(("127.0.0.1", self.port)) as plain,
            self.context.wrap_socket(plain) as secure,
        ):
            secure.sendall(f"GET {path} HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n".encode())
            return b"".join(iter(lambda: secure.recv(65536), b""))

    def ask_without_tls(self, path, host="127.0.0.1"):
        connection = http.client.HTTPConnection("127.0.0.1", self.plain)
        connection.request("GET", path, headers={"Host": host})
        response = connection.getresponse()
        response.body = response.read()
        connection.close()
        return response

    def publish(self, words):
        (self.folder / "words").write_bytes(words)
        # As another process of the site does when a transaction commits.
        FileGeneration(self.folder / "generation", PageFiles(self.folder / "pages")).bump()


@pytest.fixture(scope="module")
def front(tmp_path_factory):
    folder = tmp_path_factory.mktemp("nginx")
    (folder / "words").write_bytes(b"first ")
    (folder / "site_of_test.py").write_text(SITE)
    site, port, plain = free_port(), free_port(), free_port()
    environ = {**os.environ, "DATA": str(folder), "BASE": f"https://127.0.0.1:{port}"}
    environ["PYTHONPATH"] = f"{folder}:{settings.BASE_DIR}"
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--port", str(site)]
    processes = [
        subprocess.Popen(
            [*command, "--log-level", "error", "site_of_test:application"], env=environ
        ),
        start_nginx(folder, site, port, plain=plain),
    ]
    front = Front(port, plain, folder)
    deadline = time.monotonic() + 60
    while True:
        try:
            if front.ask("/ready/").status == 200:
                break
        except OSError:
            pass
        assert time.monotonic() < deadline, (folder / "error.log").read_text()
        time.sleep(0.2)
    yield front
    for process in processes:
        process.terminate()
    for process in processes:
        process.wait()


class WithoutTLSTests:
    @pytest.mark.parametrize("host", ["127.0.0.1", "evil.example"])
    def test_it_leads_to_the_same_page_of_this_site_with_tls(self, host, front):
        answer = front.ask_without_tls("/blog/?page=2", host)
        assert answer.status == 301
        assert answer.headers["Location"] == "https://127.0.0.1/blog/?page=2"

    def test_certbot_finds_what_it_has_written_and_nothing_else(self, front):
        (front.folder / ".well-known" / "acme-challenge").mkdir(parents=True)
        (front.folder / ".well-known" / "acme-challenge" / "token").write_text("proof")
        assert front.ask_without_tls("/.well-known/acme-challenge/token").body == b"proof"
        assert front.ask_without_tls("/.well-known/acme-challenge/none").status == 404
        for climbing in ("../../words", "..%2f..%2fwords"):
            answer = front.ask_without_tls(f"/.well-known/acme-challenge/{climbing}")
            assert answer.status in {301, 400, 404}

    @pytest.mark.parametrize("path", ["/", "/.well-known/acme-challenge/none"])
    def test_it_sends_the_headers_of_pages(self, path, front):
        headers = front.ask_without_tls(path).headers
        assert PAGE_HEADERS.items() <= {k.lower(): v for k, v in headers.items()}.items()
        # It counts with TLS alone, and must not be sent without (RFC 6797).
        assert "Strict-Transport-Security" not in headers


class FastTierTests:
    def test_nginx_answers_what_the_site_has_answered_before(self, front):
        first, second = front.ask("/blog/post/"), front.ask("/blog/post/")
        assert first.headers["X-Page-Cache"] in {"miss", "hit"}
        assert second.headers["X-Page-Cache"] == "file"
        assert second.body == first.body
        for name in ("Content-Type", "Cache-Control", "Speculation-Rules", *PAGE_HEADERS):
            assert second.headers[name] == first.headers[name], name

    def test_the_first_reader_after_a_change_sees_it(self, front):
        for number in range(20):
            front.publish(b"words %02d " % number)
            for _ in range(3):
                assert front.ask("/blog/post/").body == b"words %02d " % number * 100

    @pytest.mark.parametrize(
        "path",
        [
            "/blog",
            "//blog/",
            "/blog//",
            "/./blog/",
            "/blog/../blog/",
            "/%62log/",
            "/blog/index.html",
        ],
    )
    def test_only_the_one_way_to_write_an_address_has_a_file(self, front, path):
        front.publish(b"odd ")
        front.ask("/blog/")
        assert front.ask("/blog/").headers["X-Page-Cache"] == "file"
        assert front.ask(path).headers["X-Page-Cache"] != "file"

    def test_an_etag_never_outlives_the_words(self, front):
        # Of the same length and within the same second.
        etags = set()
        for words in (b"one ", b"two ", b"six "):
            front.publish(words)
            front.ask("/etag/")
            answer = front.ask("/etag/")
            assert answer.headers["X-Page-Cache"] == "file"
            etags.add(answer.headers["ETag"])
            assert front.ask("/etag/", If_None_Match=answer.headers["ETag"]).status == 304
        assert len(etags) == 3

    def test_packed_once_and_sent_to_who_takes_it(self, front):
        front.publish(b"packed ")
        front.ask("/packed/")
        answer = front.ask("/packed/", Accept_Encoding="gzip")
        assert answer.headers["Content-Encoding"] == "gzip"
        assert answer.headers["X-Page-Cache"] == "file"

    @pytest.mark.parametrize(
        ("path", "headers", "state"),
        [
            ("/asked/", {"Cookie": "sessionid=1"}, "skip"),
            ("/asked/", {"Cookie": 'x="un; sessionid=1'}, "skip"),
            ("/asked/", {"Cookie": "a,sessionid=1"}, "hit"),
            ("/asked/", {"Cookie": "theme=dark"}, "file"),
            ("/asked/", {"Accept": "text/markdown"}, "skip"),
            ("/asked/?utm_source=mail&fbclid=2", {}, "file"),
            ("/asked/?page=2", {}, "miss"),
            ("/asked/", {"Authorization": "Digest x"}, "skip"),
            ("/asked/", {"If-Modified-Since": "Sat, 28 Nov 2026 22:48:14 GMT"}, "hit"),
            ("/asked/", {"If-Match": '"x"'}, "hit"),
            ("/asked/", {"If-None-Match": "*"}, "hit"),
            ("/asked/", {"If-None-Match": 'W/"x", "y"'}, "file"),
            ("/asked/", {"Accept-Encoding": "gzip;q=0, br;q=0.5"}, "hit"),
            ("/asked/", {"Accept-Encoding": "gzip, deflate, br, zstd"}, "file"),
        ],
    )
    def test_what_nginx_may_answer_and_what_not(self, front, path, headers, state):
        front.publish(b"asked ")
        front.ask("/asked/")
        assert front.ask(path, **headers).headers["X-Page-Cache"] == state

    def test_it_knows_the_name_of_the_sessions_cookie(self):
        text = (settings.BASE_DIR / "deploy" / "nginx.conf").read_text()
        assert f'"~{settings.SESSION_COOKIE_NAME}"' in text

    def test_it_speaks_http_2(self, front):
        context = ssl._create_unverified_context()  # noqa: S323
        context.set_alpn_protocols(["h2", "http/1.1"])
        with (
            socket.create_connection(("127.0.0.1", front.port)) as plain,
            context.wrap_socket(plain, server_hostname="127.0.0.1") as secure,
        ):
            assert secure.selected_alpn_protocol() == "h2"

    def test_static_files_and_photos_never_reach_the_site(self, front):
        for folder, name in (("static", "a.css"), ("media/images", "a.svg")):
            (front.folder / folder).mkdir(parents=True)
            (front.folder / folder / name).write_text("as it is")
            (front.folder / folder / f"{name}.gz").write_bytes(gzip.compress(b"packed before"))
        style, photo = front.ask("/static/a.css"), front.ask("/media/images/a.svg")
        assert style.body == photo.body == b"as it is"
        assert "immutable" in style.headers["Cache-Control"]
        assert photo.headers["Content-Security-Policy"] == FILE_POLICY
        assert "X-Page-Cache" not in style.headers
        packed = front.ask("/static/a.css", Accept_Encoding="gzip")
        assert gzip.decompress(packed.body) == b"packed before"

    @pytest.mark.parametrize(
        ("path", "status"),
        [("/a/../b", "404"), ("/static/none.css", "404"), ("/" + "a" * 20_000, "414")],
    )
    def test_its_errors_have_the_headers_of_pages(self, front, path, status):
        head = front.ask_as_written(path).decode().partition("\r\n\r\n")[0]
        assert head.split()[1] == status
        found = dict(line.lower().split(": ", 1) for line in head.split("\r\n")[1:])
        for name, value in {
            **PAGE_HEADERS,
            "strict-transport-security": "max-age=31536000",
        }.items():
            assert found[name] == value.lower(), name

    def test_each_header_of_the_site_is_sent_once(self, front):
        names = [name.lower() for name in front.ask("/blog/?page=2").headers]
        assert sorted(set(names)) == sorted(names)

    def test_no_way_leads_from_the_pictures_to_the_documents(self, front):
        for folder in (*FOLDERS, "documents"):
            (front.folder / "media" / folder).mkdir(parents=True, exist_ok=True)
        (front.folder / "media" / "documents" / "minutes.txt").write_text("top secret")
        front.publish(b"the site ")
        for address in ways_to("minutes.txt"):
            answer = front.ask_as_written(address)
            assert b"secret" not in answer, address
            # What climbs does not even reach the site, where it could be read in another way.
            if re.search(r"/\.\.(?:/|%2f)|%2e%2e/|%5c", address, re.IGNORECASE):
                assert answer.split()[1] in {b"400", b"404"}, address

    def test_nothing_outside_the_pages_can_be_asked_for(self, front):
        for path in ("/../words", "/%2e%2e/%2e%2e/generation", "/none/"):
            assert front.ask(path).headers["X-Page-Cache"] != "file"
