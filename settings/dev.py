"""On one's own machine: the demo and development. Nothing here is fit for the internet."""

from .base import *

DEBUG = env.bool("DEBUG", default=False)
# Drafts and demo accounts only; production refuses to start without a key of its own.
SECRET_KEY = env.str("SECRET_KEY", default="for-the-demo-and-development-only")
DEMO_ACCOUNTS = True
SILENCED_SYSTEM_CHECKS = ["security.W004", "security.W008", "security.W012", "security.W016"]

# Files are served as they are found, so that an edited style sheet shows at once.
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
