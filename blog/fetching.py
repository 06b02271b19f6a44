"""
The client of every request that the site sends to an address from outside.

It connects to public addresses only. This is checked when it connects, after names, redirects and
unusual spellings were resolved.
"""

import ipaddress
import socket
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
# IPv6 addresses that lead to an IPv4 address through a translator (RFC 6052, RFC 8215).
TRANSLATED = [ipaddress.ip_network(network) for network in ("64:ff9b::/96", "64:ff9b:1::/48")]


def is_public(text: str) -> bool:
    """Return whether an IP address belongs to the public internet."""
    address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return is_public(str(address.ipv4_mapped))
        is_tunnel = address.sixtofour or address.teredo
        if is_tunnel or any(address in network for network in TRANSLATED):
            return False
    return address.is_global and not address.is_multicast


class GuardedConnection(HTTPConnection):
    """A connection to a public address, or none."""

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
            return super()._new_conn()
        finally:
            self._dns_host = name


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


def fetch(method: str, url: str, *, kind: str = "", **arguments: Any) -> requests.Response:
    """
    Send a request and return the whole answer, whose Content-Type must begin with `kind`.

    Raise RequestException if it fails, leads to a private address, or is too large or too slow.
    """
    deadline = time.monotonic() + LONGEST
    with requests.Session() as session:
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
                if len(body) > LARGEST or time.monotonic() > deadline:
                    raise requests.RequestException(f"The answer of {url} is too large or slow.")
            response._content = bytes(body)
            return response
