"""
Empty the caches in front of the site (Varnish, a CDN), whole, after each change.

Each cache of WAGTAILFRONTENDCACHE has a thread in the process that made the change. It starts after
the commit, when the page cache has forgotten what it kept.
"""

import json
import logging
import re
import threading
import time
import uuid
from contextlib import suppress
from pathlib import Path
from typing import Any

import requests
from django.conf import settings
from django.core.checks import Error
from django.utils import timezone
from django.utils.module_loading import import_string
from wagtail.contrib.frontend_cache.backends import (
    BaseBackend,
    CloudflareBackend,
    CloudfrontBackend,
    HTTPBackend,
)
from wagtail.contrib.frontend_cache.backends.azure import AzureBaseBackend
from wagtail.contrib.frontend_cache.utils import get_backends

logger = logging.getLogger(__name__)

# In seconds. Changes that follow each other this closely are one purge, …
QUIET = 0.05
# … which waits for their end no longer than this.
LONGEST_WAIT = 1.0
# An answer begun before the change may be stored after the purge, also on a machine that asks
# Redis for the generation. It is removed by a second purge, this long after the last change.
AGAIN = 2.0
LONGEST_PAUSE = 300.0
TIMEOUT = 10.0
TICK = 0.02

KNOWN = (HTTPBackend, CloudflareBackend, CloudfrontBackend, AzureBaseBackend)


def caches() -> dict[str, dict[str, Any]]:
    """Return the options of the caches in front, by name; none if there is no such setting."""
    return getattr(settings, "WAGTAILFRONTENDCACHE", None) or {}


def purge_everything(backend: BaseBackend) -> None:
    """Empty a cache in one request. Raise an exception if it does not confirm."""
    match backend:
        case HTTPBackend():
            address = f"{backend.cache_scheme}://{backend.cache_netloc}/"
            headers = {"X-Ban-Hosts": hosts_pattern(settings.ALLOWED_HOSTS)}
            confirm(requests.request("BAN", address, headers=headers, timeout=TIMEOUT))
        case CloudflareBackend():
            if backend.cloudflare_token:
                headers = {"Authorization": f"Bearer {backend.cloudflare_token}"}
            else:
                headers = {
                    "X-Auth-Email": backend.cloudflare_email,
                    "X-Auth-Key": backend.cloudflare_api_key,
                }
            address = backend.cloudflare_purge_endpoint_url
            everything = {"purge_everything": True}
            confirm(requests.post(address, json=everything, headers=headers, timeout=TIMEOUT))
        case CloudfrontBackend():
            backend.client.create_invalidation(
                DistributionId=backend.cloudfront_distribution_id,
                InvalidationBatch={
                    "Paths": {"Quantity": 1, "Items": ["/*"]},
                    "CallerReference": str(uuid.uuid4()),
                },
            )
        case AzureBaseBackend():
            # The backend's own `purge` logs a refusal and returns.
            backend._make_purge_call(backend._get_client(), ["/*"])
        case _:
            backend.purge_everything()


def confirm(response: requests.Response) -> None:
    """Raise RequestException unless the answer is 200: a redirect has purged nothing."""
    if response.status_code != 200 or response.history:
        answer = f"{response.status_code} {response.reason}: {response.text[:200]}"
        raise requests.RequestException(answer)


def hosts_pattern(hosts: list[str]) -> str:
    """Return a regular expression of the hosts that ALLOWED_HOSTS lets in, for a ban."""
    patterns = [
        ".*" if host == "*" else re.sub(r"^\\\.", r"(?:.+\\.)?", re.escape(host)) for host in hosts
    ]
    return rf"(?i)^(?:{'|'.join(patterns)})\.?(?::\d+)?$"


class Purger:
    """Empties one cache in a thread that lives while there is something to do."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._lock = threading.Lock()
        self._changed = 0.0
        self._thread: threading.Thread | None = None

    def note_change(self) -> None:
        """Have the cache emptied soon; return at once."""
        with self._lock:
            self._changed = time.monotonic()
            if self._thread is None or not self._thread.is_alive():
                # No daemon: a command does not end before the cache was emptied.
                self._thread = threading.Thread(
                    target=self._run, name=f"purge-{self.name}", daemon=False
                )
                self._thread.start()

    def _run(self) -> None:
        changed, failed = self._settle(), 0
        while True:
            started = time.monotonic()
            if error := self._purge():
                if not failed:
                    logger.warning("The cache “%s” was not emptied: %s", self.name, error)
                due = started + min(2.0 ** min(failed, 10), LONGEST_PAUSE)
                failed += 1
            else:
                if failed:
                    logger.warning("The cache “%s” was emptied at last.", self.name)
                due, failed = changed + AGAIN, 0
                with self._lock:
                    if self._changed == changed and started >= due:
                        self._thread = None
                        return
            while self._changed == changed and time.monotonic() < due:
                if failed and not threading.main_thread().is_alive():
                    logger.error("This process ends, and the cache “%s” is not empty.", self.name)
                    return
                time.sleep(TICK)
            if self._changed != changed:
                changed = self._settle()

    def _settle(self) -> float:
        """Wait until changes stop; return the moment of the last one."""
        deadline = time.monotonic() + LONGEST_WAIT
        while time.monotonic() < min(self._changed + QUIET, deadline):
            time.sleep(TICK)
        return self._changed

    def _purge(self) -> Exception | None:
        """Empty the cache now and note for `failures` whether it worked; return what went wrong."""
        path = failure_path(self.name)
        try:
            [backend] = get_backends(backends=[self.name]).values()
            purge_everything(backend)
        except Exception as error:
            now = timezone.now().isoformat()
            with suppress(OSError):
                path.write_text(json.dumps({"since": now, **read(path), "last": now}))
            return error
        with suppress(OSError):
            path.unlink(missing_ok=True)
        return None


def failure_path(name: str) -> Path:
    return settings.DATA_DIR / f"purge.{name}.failed"


def read(path: Path) -> dict[str, str]:
    try:
        return json.loads(path.read_text())
    except (OSError, ValueError):
        return {}


def failures() -> list[dict[str, str]]:
    """Return the caches whose last purge failed, in any process: since when, and when last."""
    found = {name: read(failure_path(name)) for name in caches()}
    return [{"cache": name, **failure} for name, failure in found.items() if failure]


purgers: dict[str, Purger] = {}


def purge(**kwargs: Any) -> None:
    """Have every cache in front emptied soon. Receives `watch.committed`."""
    for name in caches():
        purgers.setdefault(name, Purger(name)).note_change()


def check_frontend_cache(app_configs: Any, **kwargs: Any) -> list[Error]:
    """Refuse a cache in front that cannot be emptied whole."""
    problems = []
    for name, options in caches().items():
        backend = import_string(options["BACKEND"])
        if not issubclass(backend, KNOWN) and not hasattr(backend, "purge_everything"):
            problems.append(
                Error(
                    f"WAGTAILFRONTENDCACHE: the cache “{name}” cannot be emptied whole.",
                    hint=f"Give {options['BACKEND']} a method purge_everything().",
                    id="home.E004",
                )
            )
    return problems
