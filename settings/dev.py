"""Settings for the demo and for development. Not safe on the internet."""

from .base import *

DEBUG = env.bool("DEBUG", default=False)
# Not secret; production does not start without a key of its own.
SECRET_KEY = env.str("SECRET_KEY", default="for-the-demo-and-development-only")
DEMO_ACCOUNTS = True
# One machine asks for everything.
REQUEST_LIMITS = {}
SILENCED_SYSTEM_CHECKS = ["security.W004", "security.W008", "security.W012", "security.W016"]
# Passkeys need TLS, except on localhost.
SILENCED_SYSTEM_CHECKS += ["otp_webauthn.E031"]

# Static files are served from their source folders, so that changes show at once.
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG

env.refuse()
