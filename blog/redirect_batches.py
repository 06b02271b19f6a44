"""How Wagtail's redirects of a page that moved, and of all below it, are written."""

import logging

from wagtail.contrib.redirects import signal_handlers
from wagtail.contrib.redirects.models import Redirect

logger = logging.getLogger(__name__)

# SQLite takes no more than a thousand alternatives in one condition, and Wagtail asks for 2,000.
LARGEST = 500
LONGEST = min(
    Redirect._meta.get_field(name).max_length for name in ("old_path", "redirect_page_route_path")
)


class RedirectBatch(signal_handlers.BatchRedirectCreator):
    """Wagtail's batch, in pieces that each database takes, without addresses too long for it."""

    def __init__(self, max_size, **kwargs):
        super().__init__(min(max_size or LARGEST, LARGEST), **kwargs)

    def add(self, *, old_path, **kwargs):
        if len(old_path) > LONGEST:
            logger.warning("No redirect holds an address as long as %s", old_path)
            return
        super().add(old_path=old_path, **kwargs)


def install():
    """Let Wagtail use it."""
    signal_handlers.BatchRedirectCreator = RedirectBatch
