"""Limits of requests and of tries, by address and by account. Beyond them the answer is 429."""

import time
from datetime import timedelta

from axes.handlers.proxy import AxesProxyHandler
from django.conf import settings
from django.contrib.auth.signals import user_login_failed
from django.core.cache import cache
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _

from home.accounts import devices
from home.accounts.address import client_address

MINUTE = 60
# Views of Wagtail's that ask a reader for the password of a page or a document.
PASSWORD_VIEWS = {
    "wagtailcore_authenticate_with_password",
    "wagtaildocs_authenticate_with_password",
}


def too_many(request, seconds):
    """Return the answer to a request beyond a limit, which ends after so many seconds."""
    sentence = _("There were too many tries or requests. Please try again in %(minutes)s min.")
    context = {"code": 429, "sentence": sentence % {"minutes": -(-seconds // 60)}}
    response = render(request, "500.html", context, status=429)
    response["Retry-After"] = str(seconds)
    add_never_cache_headers(response)
    return response


class LimitMiddleware:
    """Count requests by view and address, and tries of the passwords of pages."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        # The form is shown again after a wrong password.
        if response.status_code == 200 and (tried := getattr(request, "tried_password", None)):
            user_login_failed.send(sender=__name__, credentials=tried, request=request)
        return response

    def process_view(self, request, view, args, kwargs):
        name = request.resolver_match.view_name
        method = "GET" if request.method == "HEAD" else request.method
        limit = settings.REQUEST_LIMITS.get(f"{method} {name}")
        if limit and count(name, client_address(request)) > limit:
            return too_many(request, MINUTE - int(time.time()) % MINUTE)
        if request.method == "POST" and name in PASSWORD_VIEWS:
            tried = {"username": f"{name} {kwargs or args}"[:255]}
            if not AxesProxyHandler.is_allowed(request, tried):
                return locked_out(request, None, tried)
            request.tried_password = tried
        return None


def count(name, address):
    """Return how many requests an address has sent to a view in this minute, with this one."""
    key = f"requests/{name}/{address}/{int(time.time()) // MINUTE}"
    cache.add(key, 0, MINUTE)
    try:
        return cache.incr(key) or 0
    except ValueError:
        # The cache is away, or has evicted the number.
        return 0


def lockout_parameters(request, credentials=None):
    """
    Return what axes counts failures by.

    An account is locked for all addresses, except for devices that it has used before, so that a
    stranger who guesses cannot lock its owner out. A password of pages is locked for the address.
    """
    match = getattr(request, "resolver_match", None)
    if match and match.view_name in PASSWORD_VIEWS:
        return [["username", "ip_address"]]
    name = (credentials or {}).get("username") or getattr(request, "username", None)
    if hasattr(request, "COOKIES") and devices.is_known_by_name(request, name):
        return [["username", "ip_address"]]
    return ["username", "ip_address"]


def locked_out(request, response, credentials):
    """Return the answer of axes to a client or account with too many failures."""
    cooloff = settings.AXES_COOLOFF_TIME
    return too_many(request, int(cooloff / timedelta(seconds=1)))
