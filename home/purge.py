"""
Empty the caches in front of the site (Varnish, a CDN) completely after each change.

The process that made the change does so in a thread for each cache of WAGTAILFRONTENDCACHE, after
the commit and after the generation of the page cache was bumped.
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

# Changes that follow each other within this time are purged together. In seconds.
QUIET = 0.05
# The longest time for which a purge is put off, while one change follows another.
LONGEST_WAIT = 1.0
# A page that was rendered before the change may reach the cache after the purge. A second purge
# removes it, this long after the last change.
AGAIN = 2.0
# The longest pause between two attempts, the timeout of a request, and how often a thread that
# waits looks for another change.
LONGEST_PAUSE = 300.0
TIMEOUT = 10.0
TICK = 0.02

KNOWN = (HTTPBackend, CloudflareBackend, CloudfrontBackend, AzureBaseBackend)


def caches() -> dict[str, dict[str, Any]]:
    """Return the setting WAGTAILFRONTENDCACHE, or an empty dictionary."""
    return getattr(settings, "WAGTAILFRONTENDCACHE", None) or {}


def purge_everything(backend: BaseBackend) -> None:
    """Empty a cache in one request. Raise an exception if it does not confirm this."""
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
            # The backend's public methods log a refusal, but do not raise it.
            backend._make_purge_call(backend._get_client(), ["/*"])
        case _:
            backend.purge_everything()


def confirm(response: requests.Response) -> None:
    """Raise RequestException unless the answer is 200 without a redirect."""
    if response.status_code != 200 or response.history:
        answer = f"{response.status_code} {response.reason}: {response.text[:200]}"
        raise requests.RequestException(answer)


def hosts_pattern(hosts: list[str]) -> str:
    """Return a regular expression that matches the hosts of ALLOWED_HOSTS, with any port."""
    patterns = [
        ".*" if host == "*" else re.sub(r"^\\\.", r"(?:.+\\.)?", re.escape(host)) for host in hosts
    ]
    return rf"(?i)^(?:{'|'.join(patterns)})\.?(?::\d+)?$"


class Purger:
    """Empty one cache, in a thread that runs while there is something to do."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._lock = threading.Lock()
        self._changed = 0.0
        self._thread: threading.Thread | None = None

    def note_change(self) -> None:
        """Start to empty the cache, and return at once."""
        with self._lock:
            self._changed = time.monotonic()
            if self._thread is None or not self._thread.is_alive():
                # Not a daemon, so that a command does not end before the cache is empty.
                self._thread = threading.Thread(
                    target=self._run, name=f"purge-{self.name}", daemon=False
                )
                self._thread.start()

    def _run(self) -> None:
        failed = 0
        while True:
            changed, started = self._settle(), time.monotonic()
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

    def _settle(self) -> float:
        """Wait until no change follows, and return the moment of the last one."""
        deadline = time.monotonic() + LONGEST_WAIT
        while time.monotonic() < min(self._changed + QUIET, deadline):
            time.sleep(TICK)
        return self._changed

    def _purge(self) -> Exception | None:
        """Empty the cache and record whether this failed; return the error or None."""
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
    """Return the file that records that a cache could not be emptied."""
    return settings.DATA_DIR / f"purge.{name}.failed"


def read(path: Path) -> dict[str, str]:
    try:
        return json.loads(path.read_text())
    except (OSError, ValueError):
        return {}


def failures() -> list[dict[str, str]]:
    """Return the caches whose last purge failed, in any process, with its first and last time."""
    found = {name: read(failure_path(name)) for name in caches()}
    return [{"cache": name, **failure} for name, failure in found.items() if failure]


purgers: dict[str, Purger] = {}


def purge(**kwargs: Any) -> None:
    """Start to empty every cache in front. A receiver of `watch.committed`."""
    for name in caches():
        purgers.setdefault(name, Purger(name)).note_change()


def check_frontend_cache(app_configs: Any, **kwargs: Any) -> list[Error]:
    """Return an error for each cache in front that cannot be emptied completely."""
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
