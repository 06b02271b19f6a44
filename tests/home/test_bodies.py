"""A request whose body does not come takes no thread from the readers."""

import contextlib
import http.client
import os
import socket
import subprocess
import sys
import time

import pytest
from django.conf import settings

from home.bodies import LARGEST
from tests.home.page_cache.staleness import free_port

APPLICATION = """
from django.conf import settings
settings.configure(PAGE_HEADERS={"x-frame-options": "DENY"})
from home import bodies
from home.bodies import complete_bodies
bodies.SLOW = 2.0

def echo(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [environ["wsgi.input"].read() or b"nothing"]

application = complete_bodies(echo)
"""


@pytest.fixture(scope="module")
def port(tmp_path_factory):
    folder, port = tmp_path_factory.mktemp("bodies"), free_port()
    (folder / "bodies_of_test.py").write_text(APPLICATION)
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "granian", "--interface", "wsgi", "--port", str(port)),
            *("--blocking-threads", "2", "--log-level", "error", "bodies_of_test:application"),
        ],
        env={**os.environ, "PYTHONPATH": f"{folder}:{settings.BASE_DIR}"},
    )
    for _ in range(600):
        if socket.socket().connect_ex(("127.0.0.1", port)) == 0:
            break
        time.sleep(0.1)
    yield port
    process.terminate()
    process.wait()


def ask(port, body=None, **headers):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("POST" if body else "GET", "/", body=body, headers=headers)
    answer = connection.getresponse()
    answer.body = answer.read()
    return answer


class BodyTests:
    def test_it_reaches_the_site_whole(self, port):
        body = b"words " * 500_000
        assert ask(port, body).body == body

    def test_a_large_one_is_refused_unread(self, port):
        with socket.create_connection(("127.0.0.1", port)) as stranger:
            head = f"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: {LARGEST + 1}\r\n\r\n"
            stranger.sendall(head.encode())
            answer = stranger.recv(1000)
        assert answer.startswith(b"HTTP/1.1 413 ")
        assert b"x-frame-options: DENY" in answer

    def test_one_of_unknown_length_is_refused(self, port):
        # Only its beginning, as the server may answer and close before it has come.
        head = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        with socket.create_connection(("127.0.0.1", port)) as connection:
            connection.sendall(head)
            assert connection.recv(1000).startswith(b"HTTP/1.1 411 ")

    def test_readers_are_answered_while_many_bodies_do_not_come(self, port):
        strangers = [socket.create_connection(("127.0.0.1", port)) for _ in range(20)]
        for stranger in strangers:
            stranger.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n\r\nab")
        answers = [ask(port).body for _ in range(5)]
        for stranger in strangers:
            stranger.close()
        assert answers == [b"nothing"] * 5

    def test_one_that_stops_coming_is_cut_off_and_the_next_is_taken(self, port):
        for rest in (b"", b"c"):
            strangers = [socket.create_connection(("127.0.0.1", port)) for _ in range(5)]
            for stranger in strangers:
                stranger.settimeout(0.5)
                stranger.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n\r\nab")
            waiting = set(strangers)
            deadline = time.monotonic() + 30
            while waiting:
                assert time.monotonic() < deadline
                for stranger in list(waiting):
                    with contextlib.suppress(TimeoutError):
                        try:
                            stranger.sendall(rest)
                            ended = not stranger.recv(1000)
                        except ConnectionError:
                            ended = True
                        if ended:
                            waiting.remove(stranger)
            for stranger in strangers:
                stranger.close()
            assert ask(port, b"words").body == b"words"

    def test_a_large_one_has_the_time_it_needs(self, port):
        with socket.create_connection(("127.0.0.1", port)) as writer:
            head = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 400000\r\n\r\n"
            writer.sendall(head)
            for _ in range(8):
                time.sleep(0.4)
                writer.sendall(b"a" * 50_000)
            assert writer.recv(1000).startswith(b"HTTP/1.1 200 ")
