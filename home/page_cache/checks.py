from django.conf import settings
from django.core.checks import Error


def check_page_cache(app_configs, **kwargs):
    """Return errors for settings with which one machine would not notice another's changes."""
    problems = []
    has_redis = settings.CACHES["default"]["BACKEND"].endswith("RedisCache")
    if settings.PAGE_CACHE_SHARED not in {"file", "redis"}:
        problems.append(
            Error(
                f"PAGE_CACHE_SHARED is “{settings.PAGE_CACHE_SHARED}”.",
                hint="Set it to “file” on one machine, to “redis” on several.",
                id="home.E001",
            )
        )
    elif settings.PAGE_CACHE_SHARED == "redis" and not has_redis:
        problems.append(
            Error(
                "PAGE_CACHE_SHARED is “redis”, but CACHE_URL names no Redis server.",
                hint="Set CACHE_URL to redis://host:6379/0.",
                id="home.E002",
            )
        )
    if settings.MACHINES > 1 and settings.PAGE_CACHE_MB and settings.PAGE_CACHE_SHARED != "redis":
        problems.append(
            Error(
                "The site runs on several machines that do not tell each other what has changed.",
                hint="Set PAGE_CACHE_SHARED=redis and CACHE_URL, or PAGE_CACHE_MB=0.",
                id="home.E003",
            )
        )
    return problems
