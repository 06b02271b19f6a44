"""A WSGI application in front of Django's that answers from memory what it has answered before."""

import logging
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.handlers.wsgi import get_str_from_wsgi
from django.http.cookie import parse_cookie

from home.page_cache import generation
from home.page_cache.key import Environ, Key, accepted_encoding, read_query
from home.page_cache.store import Entry, Headers, Store, Variant, make_entry

logger = logging.getLogger(__name__)

Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]

KEPT = ("200", "301", "302", "307", "308", "404", "410")
# Nobody waits longer for another's render, in seconds.
PATIENCE = 10.0
# A page is made again after this many seconds, whatever was or was not noticed.
LIFE = 3600.0
# While something is due and not yet out, a page is kept this long, in seconds.
DUE = 1.0
# How long what is planned is taken to stay as it is, in seconds.
PLANS = 5.0
LARGEST_BODY = 4 * 1024 * 1024
REVALIDATE = ("Cache-Control", "no-cache")
# How long a cache in front keeps a page at most, in seconds: as long as readers may see an old page
# if a purge is lost with its process.
SHARED_LIFE = 300
HASHED_LATER = {"content-length", "etag", "cache-control", "vary"}


class Flight:
    """A render that others wait for."""

    def __init__(self) -> None:
        self.landed = threading.Event()
        self.entry: Entry | None = None


class PageCache:
    """
    Keeps complete anonymous answers to GET and serves them, and HEAD, without entering Django.

    Pages of the site share one store; what anybody can invent (addresses that are not found,
    query strings, names of hosts) shares a second, so that it cannot push the pages out.
    `skipped` are beginnings of paths that are never kept. Every answer says in X-Page-Cache what
    was done: hit, miss or skip.
    """

    def __init__(
        self,
        application: Application,
        *,
        megabytes: float,
        skipped: tuple[str, ...],
        counter: generation.Generation,
        next_moment: Callable[[], Any] = lambda: None,
        on_entry: Callable[[Key, Entry], None] | None = None,
    ) -> None:
        self.application = application
        self.skipped = skipped
        self.counter = counter
        self.pages = Store(int(megabytes * 1024 * 1024 * 0.8))
        self.strangers = Store(int(megabytes * 1024 * 1024 * 0.2))
        self.on_entry = on_entry
        self._next_moment = next_moment
        self._moment: tuple[int, float, float | None] = (-1, 0, None)
        self._flights: dict[tuple[Key, int], Flight] = {}
        self._lock = threading.Lock()
        self._session_cookie = settings.SESSION_COOKIE_NAME
        self._proxy_header, self._proxy_value = settings.SECURE_PROXY_SSL_HEADER or ("", "")
        self._has_cache_in_front = bool(getattr(settings, "WAGTAILFRONTENDCACHE", None))
        self._forwarded_host = settings.USE_X_FORWARDED_HOST
        base = urlsplit(settings.BASE_URL).netloc
        self._own_hosts = {base, *(h for h in settings.ALLOWED_HOSTS if h[:1] not in "*.")}

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        method = environ["REQUEST_METHOD"]
        if method != "GET" and method != "HEAD":
            return self.skip(environ, start_response)
        try:
            key = self.key(environ)
            now = self.counter.current() if key else None
        except Exception:
            logger.exception("The page cache could not look at a request; Django answers it.")
            key = now = None
        if key is None or now is None:
            return self.skip(environ, start_response)
        entry = self.pages.get(key) or self.strangers.get(key)
        if entry is not None and entry.generation == now and entry.expires > time.time():
            return self.send(entry, environ, start_response)
        return self.answer(key, now, environ, start_response)

    def key(self, environ: Environ) -> Key | None:
        """What the request shares an answer under; None when it must be answered by itself."""
        if "HTTP_AUTHORIZATION" in environ:
            return None
        if "text/markdown" in environ.get("HTTP_ACCEPT", ""):
            # The one other form in which a page comes; it is kept under its own address.
            return None
        if self.names_session(environ) and self.has_session(environ):
            return None
        path = environ.get("SCRIPT_NAME", "") + environ["PATH_INFO"]
        if path.startswith(self.skipped):
            return None
        scheme = environ["wsgi.url_scheme"]
        if self._proxy_header and (forwarded := environ.get(self._proxy_header)) is not None:
            secure = forwarded.split(",", 1)[0].strip() == self._proxy_value
            scheme = "https" if secure else "http"
        host = environ.get("HTTP_HOST", "")
        if self._forwarded_host:
            host = environ.get("HTTP_X_FORWARDED_HOST", host)
        return Key(scheme, host.lower(), path, read_query(environ.get("QUERY_STRING", "")))

    def names_session(self, environ: Environ) -> bool:
        """Whether the session's cookie is named anywhere among the cookies, in whatever form."""
        return self._session_cookie in environ.get("HTTP_COOKIE", "")

    def has_session(self, environ: Environ) -> bool:
        """Whether Django will find a session, asked of its own parser: no two parsers agree."""
        return self._session_cookie in parse_cookie(get_str_from_wsgi(environ, "HTTP_COOKIE", ""))

    def skip(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Let Django answer, and keep nothing."""

        def start(status: str, headers: Headers, exc_info: Any = None) -> Any:
            headers = [*unshared(environ, headers), ("X-Page-Cache", "skip")]
            return start_response(status, headers, exc_info)

        return self.application(environ, start)

    def send(
        self,
        entry: Entry,
        environ: Environ,
        start_response: Callable[..., Any],
        state: str = "hit",
    ) -> list[bytes]:
        variant = entry.variant(accepted_encoding(environ.get("HTTP_ACCEPT_ENCODING", "")))
        headers, body, status = variant.headers, variant.body, entry.status
        if status[:3] == "200" and is_known(environ, variant):
            headers, body, status = variant.unchanged_headers, [], "304 Not Modified"
        elif environ["REQUEST_METHOD"] == "HEAD":
            body = []
        if state != "hit":
            headers = [(k, state if k == "X-Page-Cache" else v) for k, v in headers]
        if self._has_cache_in_front:
            headers = self.shared_headers(entry, headers)
        # A server may change the list it is given.
        start_response(status, headers.copy())
        return body

    def shared_headers(self, entry: Entry, headers: Headers) -> Headers:
        """
        Return headers that let the cache in front keep the answer, unless it is old already.

        What changes after this comparison and is on its way meanwhile, the second purge removes.
        """
        life = min(SHARED_LIFE, int(entry.expires - time.time()))
        if life <= 0 or entry.generation != self.counter.current():
            return headers
        shared = f"public, max-age=0, must-revalidate, s-maxage={life}"
        return [(k, shared if (k, v) == REVALIDATE else v) for k, v in headers]

    def answer(
        self, key: Key, now: int, environ: Environ, start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        """Render the page, or wait for whoever is rendering it."""
        with self._lock:
            flight = self._flights.get((key, now))
            leads = flight is None
            if flight is None:
                flight = self._flights[key, now] = Flight()
        if not leads:
            flight.landed.wait(PATIENCE)
            if flight.entry is not None:
                return self.send(flight.entry, environ, start_response)
            return self.render(key, now, environ, start_response)[1]
        try:
            flight.entry, answer = self.render(key, now, environ, start_response)
            return answer
        finally:
            with self._lock:
                self._flights.pop((key, now), None)
            flight.landed.set()

    def render(
        self, key: Key, now: int, environ: Environ, start_response: Callable[..., Any]
    ) -> tuple[Entry | None, Iterable[bytes]]:
        """Let Django answer; return the entry, or None when it may not be kept, and the body."""
        started: list[Any] = []

        def start(status: str, headers: Headers, exc_info: Any = None) -> None:
            started[:] = status, headers, exc_info

        # A HEAD of a page not yet kept is answered from its GET; what no page reads is hidden
        # from it, so that it cannot print it.
        inner = {**environ, "REQUEST_METHOD": "GET", "QUERY_STRING": key.query}
        for conditional in ("HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE", "HTTP_RANGE"):
            inner.pop(conditional, None)
        inner.pop("HTTP_ACCEPT_ENCODING", None)
        response = self.application(inner, start)
        status, headers, exc_info = started
        if (
            self.names_session(environ)
            or getattr(response, "streaming", False)
            or not is_keepable(status, headers)
        ):
            if environ["REQUEST_METHOD"] == "HEAD":
                close(response)
                response = []
            headers = [*unshared(environ, headers), ("X-Page-Cache", "skip")]
            start_response(status, headers, exc_info)
            return None, response
        try:
            body = b"".join(response)
        finally:
            close(response)
        if len(body) > LARGEST_BODY:
            start_response(status, [*headers, ("X-Page-Cache", "skip")], exc_info)
            return None, [] if environ["REQUEST_METHOD"] == "HEAD" else [body]
        try:
            entry = make_entry(
                now, self.expiry(now), status, self.kept_headers(status, headers), body
            )
            # What was rendered while something was published is sent, and not kept.
            if self.counter.current() == now:
                self.keep(key, entry)
        except Exception:
            logger.exception("A page could not be kept; it is served all the same.")
            start_response(status, [*headers, ("X-Page-Cache", "miss")], exc_info)
            return None, [] if environ["REQUEST_METHOD"] == "HEAD" else [body]
        return entry, self.send(entry, environ, start_response, state="miss")

    def kept_headers(self, status: str, headers: Headers) -> Headers:
        kept = [(key, value) for key, value in headers if key.lower() not in HASHED_LATER]
        # Whoever carries a session is answered by Django, and each encoding is its own answer.
        kept.append(("Vary", "Accept-Encoding, Cookie"))
        own = next((value for key, value in headers if key.lower() == "cache-control"), None)
        kept.append(("Cache-Control", own) if own else REVALIDATE)
        return kept

    def keep(self, key: Key, entry: Entry) -> None:
        ours = key.host in self._own_hosts and not key.query and entry.status[:3] == "200"
        (self.pages if ours else self.strangers).put(key, entry)
        if ours and self.on_entry and entry.expires > time.time() + DUE:
            self.on_entry(key, entry)

    def planned(self, now: int) -> float | None:
        """When something next goes live or expires, in seconds of time.time(); None for never."""
        number, asked, moment = self._moment
        if number != now or time.monotonic() - asked > PLANS:
            following = self._next_moment()
            moment = following.timestamp() if following else None
            self._moment = (now, time.monotonic(), moment)
        return moment

    def expiry(self, now: int) -> float:
        """Until when a page made now may be kept, in seconds of time.time()."""
        moment = self.planned(now)
        present = time.time()
        if moment is None:
            return present + LIFE
        return min(present + LIFE, moment) if moment > present else present + DUE


def is_known(environ: Environ, variant: Variant) -> bool:
    """Whether who asks has the answer already (RFC 9110, 13.2.2)."""
    if tags := environ.get("HTTP_IF_NONE_MATCH"):
        return matches(tags, variant.etag)
    since = environ.get("HTTP_IF_MODIFIED_SINCE")
    # The very date, as nginx has it too: that of a feed goes back when its newest post is gone.
    return bool(since) and since in (
        value for key, value in variant.headers if key.lower() == "last-modified"
    )


def matches(header: str, etag: str) -> bool:
    """Whether If-None-Match names the entity tag (RFC 9110, 13.1.2: weakly)."""
    tags = (tag.strip().removeprefix("W/") for tag in header.split(","))
    return any(tag in ("*", etag) for tag in tags)


def is_keepable(status: str, headers: Headers) -> bool:
    """Whether an answer is the same for everybody without a session."""
    if status[:3] not in KEPT:
        return False
    for key, value in headers:
        name = key.lower()
        if name in ("set-cookie", "content-encoding", "content-range"):
            return False
        if name == "cache-control":
            words = {word.strip().partition("=")[0].lower() for word in value.split(",")}
            if words & {"private", "no-store", "no-cache"}:
                return False
        if name == "vary":
            varied = {word.strip().lower() for word in value.split(",")}
            if varied - {"accept-encoding", "cookie"}:
                return False
    return True


def unshared(environ: Environ, headers: Headers) -> Headers:
    """Return headers that let nobody else keep what may be for one person alone."""
    names = {name.lower() for name, _ in headers}
    if "cache-control" not in names and (environ.get("HTTP_COOKIE") or "set-cookie" in names):
        return [*headers, ("Cache-Control", "private, no-cache")]
    return headers


def close(response: Iterable[bytes]) -> None:
    if hasattr(response, "close"):
        response.close()
