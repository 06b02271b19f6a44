"""
The client of every request that the site sends to an address from outside.

It connects to public addresses only. This is checked when it connects, after names, redirects and
unusual spellings were resolved.
"""

import contextlib
import ipaddress
import socket
import threading
import time
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import NewConnectionError

# In seconds: for each step, and for the whole answer.
TIMEOUT = 5
LONGEST = 10
LARGEST = 1024 * 1024  # bytes
MOST_REDIRECTS = 3
# The deadline of the fetch of this thread, and what happens at its end.
CALL = threading.local()
# All public addresses of IPv6 (RFC 4291). Those that lead to IPv4 by a translator are outside.
PUBLIC_IPV6 = ipaddress.ip_network("2000::/3")


def is_public(text: str) -> bool:
    """Return whether an IP address belongs to the public internet."""
    address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return is_public(str(address.ipv4_mapped))
        if address not in PUBLIC_IPV6 or address.sixtofour or address.teredo:
            return False
    return address.is_global and not address.is_multicast


def end(connection: socket.socket) -> None:
    """Let who reads from a connection find its end."""
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)


class GuardedConnection(HTTPConnection):
    """A connection to a public address, or none, which ends at the deadline of the call."""

    def _new_conn(self) -> socket.socket:
        name: str = self._dns_host  # type: ignore[has-type]
        try:
            found = socket.getaddrinfo(name, self.port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise NewConnectionError(self, f"{name} is not known.") from error
        addresses = [str(address[0]) for *_, address in found]
        if not all(map(is_public, addresses)):
            raise NewConnectionError(self, f"{name} is not an address of the public internet.")
        # Connect to what was checked, as the name may be resolved differently the next time. The
        # certificate must still be that of the name.
        self._dns_host = addresses[0]
        try:
            connection = super()._new_conn()
        finally:
            self._dns_host = name
        # The timeout begins anew with each byte. TLS takes the socket over, and leaves its copy.
        copy = CALL.at_end.enter_context(connection.dup())
        timer = threading.Timer(CALL.deadline - time.monotonic(), end, [copy])
        CALL.at_end.callback(timer.cancel)
        timer.start()
        return connection


class GuardedTLSConnection(GuardedConnection, HTTPSConnection):
    pass


class GuardedPool(HTTPConnectionPool):
    ConnectionCls = GuardedConnection


class GuardedTLSPool(HTTPSConnectionPool):
    ConnectionCls = GuardedTLSConnection


class GuardedAdapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        self.poolmanager = PoolManager(num_pools=1, maxsize=1)
        self.poolmanager.pool_classes_by_scheme = {"http": GuardedPool, "https": GuardedTLSPool}


def fetch(
    method: str, url: str, *, kind: str = "", largest: int = LARGEST, **arguments: Any
) -> requests.Response:
    """
    Send a request and return the whole answer, whose Content-Type must begin with `kind`.

    It may have at most `largest` bytes. Raise RequestException if it fails, leads to a private
    address, or is too large or too slow.
    """
    CALL.deadline = time.monotonic() + LONGEST
    with requests.Session() as session, contextlib.ExitStack() as CALL.at_end:
        # A proxy of the environment would connect for us, unchecked.
        session.trust_env = False
        session.max_redirects = MOST_REDIRECTS
        session.mount("http://", GuardedAdapter())
        session.mount("https://", GuardedAdapter())
        with session.request(method, url, timeout=TIMEOUT, stream=True, **arguments) as response:
            if not response.headers.get("Content-Type", "").startswith(kind):
                raise requests.RequestException(f"{url} does not answer with {kind}.")
            body = bytearray()
            for chunk in response.iter_content(8192):
                body += chunk
                if len(body) > largest:
                    break
            if len(body) > largest or time.monotonic() > CALL.deadline:
                raise requests.RequestException(f"The answer of {url} is too large or slow.")
            response._content = bytes(body)
            return response
