"""What the site asks of other machines, it asks of the public internet alone."""

import contextlib
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import requests
from wagtail.embeds.exceptions import EmbedNotFoundException

from blog import fetching
from blog.editing.embeds import GuardedFinder
from blog.fetching import fetch, is_public


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.append(self.path)
        if self.path == "/redirect":
            self.send_response(302)
            self.send_header("Location", self.server.target)
            self.end_headers()
            return
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        if self.path == "/dripping-headers":
            self.flush_headers()
            self.server.drip(self.wfile)
        self.end_headers()
        if self.path == "/large":
            self.wfile.write(b"1" * (fetching.LARGEST + 1))
        elif self.path == "/slow":
            for _ in range(40):
                self.wfile.write(b"1" * 8192)
                time.sleep(0.05)
        elif self.path == "/dripping":
            self.server.drip(self.wfile)
        else:
            self.wfile.write(b'{"html": "<iframe src=\\"https://evil.example/\\"></iframe>"}')

    def log_message(self, *args):
        pass


@pytest.fixture
def machine():
    """A server on this machine; `asked` has the paths that reached it."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.asked, server.url = [], f"http://127.0.0.1:{server.server_port}"
        ended = threading.Event()

        def drip(file):
            """Write, more often than the client's patience with silence, until the test ends."""
            with contextlib.suppress(OSError):
                while not ended.wait(0.05):
                    file.write(b"1")

        server.drip = drip
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        ended.set()
        server.shutdown()


@pytest.fixture
def allowed(monkeypatch):
    """Let the client connect to 127.0.0.1, but to nothing else that is private."""
    monkeypatch.setattr(
        fetching, "is_public", lambda address: address == "127.0.0.1" or is_public(address)
    )


class AddressTests:
    @pytest.mark.parametrize(
        "address",
        [
            *("127.0.0.1", "127.9.9.9", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254"),
            *("0.0.0.0", "100.64.0.1", "224.0.0.1", "255.255.255.255", "240.0.0.1", "192.0.2.1"),
            *("::1", "::", "fe80::1", "fe80::1%lo", "fc00::1", "ff02::1", "::ffff:127.0.0.1"),
            *("::ffff:10.0.0.1", "2002:7f00:1::", "64:ff9b::7f00:1", "64:ff9b:1::7f00:1"),
            *("::127.0.0.1", "::ffff:0:127.0.0.1", "fec0::1", "5f00::1", "2001:0:7f00:1::"),
        ],
    )
    def test_what_is_not_public(self, address):
        assert not is_public(address)

    @pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700:4700::1111", "::ffff:8.8.8.8"])
    def test_what_is_public(self, address):
        assert is_public(address)


class ConnectionTests:
    @pytest.mark.parametrize(
        "host",
        ["127.0.0.1", "localhost", "2130706433", "0x7f000001", "127.1", "[::ffff:127.0.0.1]"],
    )
    def test_no_spelling_leads_to_this_machine(self, machine, host):
        with pytest.raises(requests.RequestException):
            fetch("GET", f"http://{host}:{machine.server_port}/")
        assert machine.asked == []

    def test_a_name_that_changes_its_address_is_asked_for_once(self, machine, monkeypatch):
        answers = iter(["127.0.0.1", "10.0.0.1"])
        resolve = socket.getaddrinfo

        def rebinding(host, *args, **kwargs):
            return resolve(next(answers) if host == "rebind.example" else host, *args, **kwargs)

        monkeypatch.setattr(socket, "getaddrinfo", rebinding)
        monkeypatch.setattr(fetching, "is_public", lambda address: address == "127.0.0.1")
        assert fetch("GET", f"http://rebind.example:{machine.server_port}/").status_code == 200

    @pytest.mark.parametrize(
        "target", ["http://[::1]:1/", "http://10.0.0.1/", "file:///etc/passwd"]
    )
    def test_no_redirect_leads_to_a_private_address(self, machine, allowed, target):
        machine.target = target
        with pytest.raises(requests.RequestException):
            fetch("GET", f"{machine.url}/redirect")
        assert machine.asked == ["/redirect"]

    def test_no_proxy_of_the_environment_is_used(self, machine, monkeypatch):
        monkeypatch.setenv("HTTP_PROXY", machine.url)
        monkeypatch.setattr(fetching, "is_public", lambda address: False)
        with pytest.raises(requests.RequestException):
            fetch("GET", "http://example.com/")
        assert machine.asked == []


class AnswerTests:
    def test_a_large_one_is_given_up(self, machine, allowed):
        with pytest.raises(requests.RequestException, match="too large"):
            fetch("GET", f"{machine.url}/large")

    def test_a_slow_one_is_given_up(self, machine, allowed, monkeypatch):
        monkeypatch.setattr(fetching, "LONGEST", 0.1)
        with pytest.raises(requests.RequestException, match="slow"):
            fetch("GET", f"{machine.url}/slow")

    @pytest.mark.timeout(60)
    @pytest.mark.parametrize("path", ["/dripping", "/dripping-headers"])
    def test_one_that_drips_is_given_up(self, machine, allowed, monkeypatch, path):
        monkeypatch.setattr(fetching, "LONGEST", 0.3)
        with pytest.raises(requests.RequestException):
            fetch("GET", f"{machine.url}{path}")

    def test_one_of_another_type_is_not_read(self, machine, allowed):
        with pytest.raises(requests.RequestException, match="image/"):
            fetch("GET", machine.url, kind="image/")

    def test_the_player_of_another_origin_is_no_embed(self, machine, allowed):
        provider = {"endpoint": machine.url, "urls": ["^https://example.com/"]}
        with pytest.raises(EmbedNotFoundException, match="EMBED_ORIGINS"):
            GuardedFinder([provider]).find_embed("https://example.com/film")
        assert machine.asked
