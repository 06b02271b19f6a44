"""The WSGI application that the server runs: the page cache, and Django behind it."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings.production")

application = get_wsgi_application()

# Only now are settings and models there to be read.
from home.page_cache.wsgi import page_cache  # noqa: E402

application = page_cache(application)
