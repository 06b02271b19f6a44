"""The WSGI application that the server runs: the page cache, and Django behind it."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings.production")

# A page makes tens of thousands of objects, and Python looks for circles among them after every
# 700: a tenth of the time that a search takes.
gc.set_threshold(50_000, 10, 10)

application = get_wsgi_application()

# Only now are settings and models there to be read.
from home.page_cache.front import page_cache  # noqa: E402

application = page_cache(application)
