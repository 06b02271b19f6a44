"""The WSGI application: the page cache, and Django behind it."""

import gc
import os

from django.core.management import call_command
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings.production")

# A page creates tens of thousands of objects. To collect garbage after every 700, Python's default,
# takes a tenth of the time of a search.
gc.set_threshold(50_000, 10, 10)

application = get_wsgi_application()
# The server refuses what `manage.py check` refuses.
call_command("check")

# Settings and models can only be imported now.
from home.bodies import complete_bodies  # noqa: E402
from home.page_cache.application import with_page_cache  # noqa: E402
from home.postgresql.base import PATIENCE, DatabaseWrapper  # noqa: E402

DatabaseWrapper.patience = PATIENCE
application = with_page_cache(complete_bodies(application))
