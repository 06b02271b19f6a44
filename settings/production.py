"""Settings for the internet, behind TLS. They refuse to start with variables that are not safe."""

import re

from .base import *

# Of development, of Django's templates, and of instructions.
KNOWN_KEYS = re.compile(r"for-the-demo|django-insecure|change.?me|secret", re.IGNORECASE)

DEBUG = False
SECRET_KEY = env.str("SECRET_KEY")
env.require(
    len(SECRET_KEY) >= 50 and len(set(SECRET_KEY)) >= 5 and not KNOWN_KEYS.match(SECRET_KEY),
    "SECRET_KEY",
    "must be a random string of 50 characters or more that nobody knows.",
)
ALLOWED_HOSTS = [host.strip() for host in env.list("ALLOWED_HOSTS")]
env.require(
    ALLOWED_HOSTS and not {"*", "."} & set(ALLOWED_HOSTS) and all(ALLOWED_HOSTS),
    "ALLOWED_HOSTS",
    "must name the site's hosts, separated by commas, and not all there are.",
)
env.require(
    env.str("BASE_URL", default="").startswith("https://"),
    "BASE_URL",
    "must be the site's own https:// address.",
)
env.require(
    env.str("EMAIL_URL", default="") and not EMAIL_BACKEND.endswith("console.EmailBackend"),
    "EMAIL_URL",
    "must name a mail server: otherwise links that reset passwords are written into the log.",
)
env.require(
    MACHINES == 1 or HAS_REDIS,
    "MACHINES",
    f"is {MACHINES}, but CACHE_URL names no Redis that they share.",
)
CSRF_TRUSTED_ORIGINS = [f"https://{host.lstrip('.')}" for host in ALLOWED_HOSTS]

SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# nginx on the same machine.
TRUSTED_PROXIES = env.list("TRUSTED_PROXIES", default=["127.0.0.1", "::1"])
SECURE_SSL_REDIRECT = True
# Monitoring asks without TLS.
SECURE_REDIRECT_EXEMPT = [r"^health/"]
SECURE_HSTS_SECONDS = env.whole("SECURE_HSTS_SECONDS", default=31_536_000, least=0)
# Both affect other sites of the domain for a long time, so the checks for them are silenced.
SECURE_HSTS_INCLUDE_SUBDOMAINS = env.bool("SECURE_HSTS_INCLUDE_SUBDOMAINS", default=False)
SECURE_HSTS_PRELOAD = env.bool("SECURE_HSTS_PRELOAD", default=False)
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
SEARCH_ENGINES = env.bool("SEARCH_ENGINES", default=True)

env.refuse()
