"""For the test suite: the same site, with quick passwords and files in a folder of their own."""

import os
import tempfile

from .base import *

DEBUG = False
SECRET_KEY = "for-tests-only"
ALLOWED_HOSTS = ["*"]
DEMO_ACCOUNTS = True
INSTALLED_APPS += ["tests.notices"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
MEDIA_ROOT = Path(tempfile.mkdtemp(prefix="daybook-media-"))
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
WHITENOISE_USE_FINDERS = True
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # A file, so that it can be kept between runs and opened by several processes.
    DATA_DIR.mkdir(parents=True, exist_ok=True)
    DATABASES["default"]["TEST"] = {"NAME": str(DATA_DIR / "test.sqlite3")}
if CACHES["default"]["BACKEND"] == "home.cache.RedisCache":
    # Emptying a cache empties its Redis database, so that each process of the suite needs its own.
    address, _slash, number = CACHES["default"]["LOCATION"].rpartition("/")
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    CACHES["default"]["LOCATION"] = f"{address}/{int(number) + worker}"


# Each test that searches builds the index of its own posts, and takes in what it writes.
WAGTAILSEARCH_BACKENDS["reader"] |= {
    "AT_ONCE": True,
    "PATH": Path(tempfile.mkdtemp(prefix="daybook-search-")),
}
# Last, as the database lies in the folder that is kept: what else is written there is forgotten.
DATA_DIR = Path(tempfile.mkdtemp(prefix="daybook-data-"))
