"""A WSGI application that answers from memory and calls Django for everything else."""

import logging
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future, wait
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.handlers.wsgi import get_str_from_wsgi
from django.http.cookie import parse_cookie

from home.page_cache import generation
from home.page_cache.key import Environ, Key, accepted_encoding, strip_tracking
from home.page_cache.store import Entry, Headers, Store, Variant, make_entry

logger = logging.getLogger(__name__)

Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]

CACHED_STATUSES = ("200", "301", "302", "307", "308", "404", "410")
# How long a request waits for another one that renders the same page, in seconds.
RENDER_TIMEOUT = 10.0
# How long a page is kept at most, in seconds, even if no change was noticed.
MAX_AGE = 3600.0
# The same while something is overdue to be published or unpublished.
OVERDUE_MAX_AGE = 1.0
MAX_BODY_SIZE = 4 * 1024 * 1024
REVALIDATE = ("Cache-Control", "no-cache")
# How long a cache in front may keep a page, in seconds. This bounds how long readers see an old
# page if a process dies before it has purged.
SHARED_MAX_AGE = 300
REPLACED_HEADERS = {"content-length", "etag", "cache-control", "vary"}


class PageCache:
    """
    Cache complete answers to anonymous GET requests; answer GET and HEAD from them.

    The site's pages are in one store. Answers to what anybody can make up (addresses that are not
    found, query strings, host names) are in a second one, so that they cannot evict the pages.
    Paths that begin with one of `skipped` are never cached. The header X-Page-Cache of each answer
    says what was done: hit, miss or skip.
    """

    def __init__(
        self,
        application: Application,
        *,
        megabytes: float,
        skipped: tuple[str, ...],
        counter: generation.Generation,
        next_moment: Callable[[], Any] = lambda: None,
    ) -> None:
        self.application = application
        self.skipped = skipped
        self.counter = counter
        self.pages = Store(int(megabytes * 1024 * 1024 * 0.8))
        self.untrusted = Store(int(megabytes * 1024 * 1024 * 0.2))
        self._next_moment = next_moment
        # The pages that one request renders while others wait for it.
        self._rendering: dict[tuple[Key, int], Future[Entry | None]] = {}
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
        entry = self.pages.get(key) or self.untrusted.get(key)
        if entry is not None and entry.generation == now and entry.expires > time.time():
            return self.send(entry, environ, start_response)
        return self.answer(key, now, environ, start_response)

    def key(self, environ: Environ) -> Key | None:
        """Return the key of the request's answer, or None if Django must answer it."""
        if "HTTP_AUTHORIZATION" in environ:
            return None
        if "text/markdown" in environ.get("HTTP_ACCEPT", "").lower():
            # Posts can also be asked for as Markdown, which is cached under an address of its own.
            return None
        if self.may_have_session(environ) and self.has_session(environ):
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
        return Key(scheme, host.lower(), path, strip_tracking(environ.get("QUERY_STRING", "")))

    def may_have_session(self, environ: Environ) -> bool:
        """Return whether the name of the session cookie occurs anywhere in the Cookie header."""
        return self._session_cookie in environ.get("HTTP_COOKIE", "")

    def has_session(self, environ: Environ) -> bool:
        """Return whether Django finds a session cookie. Uses its parser, as parsers differ."""
        return self._session_cookie in parse_cookie(get_str_from_wsgi(environ, "HTTP_COOKIE", ""))

    def skip(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Let Django answer and cache nothing."""

        def start(status: str, headers: Headers, exc_info: Any = None) -> Any:
            headers = [*make_private(environ, headers), ("X-Page-Cache", "skip")]
            return start_response(status, headers, exc_info)

        return self.application(environ, start)

    def send(
        self,
        entry: Entry,
        environ: Environ,
        start_response: Callable[..., Any],
        state: str = "hit",
    ) -> list[bytes]:
        """Send an entry in the encoding that the reader accepts, or 304 if it has not changed."""
        variant = entry.variant(accepted_encoding(environ.get("HTTP_ACCEPT_ENCODING", "")))
        headers, body, status = variant.headers, variant.body, entry.status
        if status[:3] == "200" and is_not_modified(environ, variant):
            headers, body, status = variant.unchanged_headers, [], "304 Not Modified"
        elif environ["REQUEST_METHOD"] == "HEAD":
            body = []
        if state != "hit":
            headers = [(k, state if k == "X-Page-Cache" else v) for k, v in headers]
        if self._has_cache_in_front:
            headers = self.shared_headers(entry, headers)
        # The server may modify the list.
        start_response(status, headers.copy())
        return body

    def shared_headers(self, entry: Entry, headers: Headers) -> Headers:
        """
        Return headers that let the cache in front keep the answer, unless it is out of date.

        If it becomes so after this check, the second purge (home.purge) removes it.
        """
        life = min(SHARED_MAX_AGE, int(entry.expires - time.time()))
        if life <= 0 or entry.generation != self.counter.current():
            return headers
        shared = f"public, max-age=0, must-revalidate, s-maxage={life}"
        return [(k, shared if (k, v) == REVALIDATE else v) for k, v in headers]

    def answer(
        self, key: Key, now: int, environ: Environ, start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        """Render the page, or wait for the request that is rendering it already."""
        with self._lock:
            other = self._rendering.get((key, now))
            own = self._rendering.setdefault((key, now), Future())
        if other:
            wait([other], RENDER_TIMEOUT)
            if other.done() and (entry := other.result()):
                return self.send(entry, environ, start_response)
            return self.render(key, now, environ, start_response)[1]
        entry = None
        try:
            entry, answer = self.render(key, now, environ, start_response)
            return answer
        finally:
            with self._lock:
                del self._rendering[key, now]
            own.set_result(entry)

    def render(
        self, key: Key, now: int, environ: Environ, start_response: Callable[..., Any]
    ) -> tuple[Entry | None, Iterable[bytes]]:
        """Let Django answer. Return the body, and the entry or None if it may not be cached."""
        started: list[Any] = []

        def start(status: str, headers: Headers, exc_info: Any = None) -> None:
            started[:] = status, headers, exc_info

        # HEAD is answered from the page's GET. Tracking parameters are removed, so that the page
        # cannot print those of one reader for all others.
        inner = {**environ, "REQUEST_METHOD": "GET", "QUERY_STRING": key.query}
        for conditional in ("HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE", "HTTP_RANGE"):
            inner.pop(conditional, None)
        inner.pop("HTTP_ACCEPT_ENCODING", None)
        response = self.application(inner, start)
        status, headers, exc_info = started
        if (
            self.may_have_session(environ)
            or getattr(response, "streaming", False)
            or not is_cacheable(status, headers)
        ):
            if environ["REQUEST_METHOD"] == "HEAD":
                close(response)
                response = []
            headers = [*make_private(environ, headers), ("X-Page-Cache", "skip")]
            start_response(status, headers, exc_info)
            return None, response
        try:
            body = b"".join(response)
        finally:
            close(response)
        entry = None
        if len(body) <= MAX_BODY_SIZE:
            try:
                entry = make_entry(now, self.expiry(), status, stored_headers(headers), body)
                # If something changed while the page was rendered, send it but do not keep it.
                if self.counter.current() == now:
                    self.store(key, entry)
            except Exception:
                logger.exception("A page could not be kept; it is served all the same.")
        if entry is not None:
            return entry, self.send(entry, environ, start_response, state="miss")
        start_response(status, [*headers, ("X-Page-Cache", "skip")], exc_info)
        return None, [] if environ["REQUEST_METHOD"] == "HEAD" else [body]

    def store(self, key: Key, entry: Entry) -> None:
        """Put an entry into its store, and into files for nginx if it is a page of the site."""
        ours = key.host in self._own_hosts and not key.query and entry.status[:3] == "200"
        kept, other = (self.pages, self.untrusted) if ours else (self.untrusted, self.pages)
        # Where a page was may be none any more, and the old one would be found first.
        other.drop(key)
        kept.put(key, entry)
        if ours and self.counter.files and entry.expires > time.time() + OVERDUE_MAX_AGE:
            self.counter.files.write(key, entry)

    def scheduled(self) -> float | None:
        """Return when something next goes live or expires, as time.time() counts, or None."""
        moment = self._next_moment()
        return moment.timestamp() if moment else None

    def expiry(self) -> float:
        """Return until when a page that is rendered now may be kept, as time.time() counts."""
        moment, present = self.scheduled(), time.time()
        if moment is None:
            return present + MAX_AGE
        return min(present + MAX_AGE, moment) if moment > present else present + OVERDUE_MAX_AGE


def stored_headers(headers: Headers) -> Headers:
    """Return the headers of an entry: Django's, and those that depend on the page cache."""
    stored = [(key, value) for key, value in headers if key.lower() not in REPLACED_HEADERS]
    stored.append(("Vary", "Accept-Encoding, Cookie"))
    own = next((value for key, value in headers if key.lower() == "cache-control"), None)
    stored.append(("Cache-Control", own) if own else REVALIDATE)
    return stored


def is_not_modified(environ: Environ, variant: Variant) -> bool:
    """Return whether the reader has this answer already (RFC 9110, 13.2.2)."""
    if tags := environ.get("HTTP_IF_NONE_MATCH"):
        return etag_matches(tags, variant.etag)
    since = environ.get("HTTP_IF_MODIFIED_SINCE")
    # The date must be equal, as for nginx: a feed's goes back when its newest post is removed.
    return bool(since) and since in (
        value for key, value in variant.headers if key.lower() == "last-modified"
    )


def etag_matches(header: str, etag: str) -> bool:
    """Return whether If-None-Match contains the entity tag (RFC 9110, 13.1.2: weak comparison)."""
    tags = (tag.strip().removeprefix("W/") for tag in header.split(","))
    return any(tag in ("*", etag) for tag in tags)


def is_cacheable(status: str, headers: Headers) -> bool:
    """Return whether an answer is the same for everybody without a session."""
    if status[:3] not in CACHED_STATUSES:
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


def make_private(environ: Environ, headers: Headers) -> Headers:
    """Forbid shared caches to keep an answer that may be for one person only."""
    names = {name.lower() for name, _ in headers}
    if "cache-control" not in names and (environ.get("HTTP_COOKIE") or "set-cookie" in names):
        return [*headers, ("Cache-Control", "private, no-cache")]
    return headers


def close(response: Iterable[bytes]) -> None:
    if hasattr(response, "close"):
        response.close()
