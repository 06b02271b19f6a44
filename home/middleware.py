from csp.constants import HEADER
from csp.middleware import CSPMiddleware
from django.conf import settings
from django.core.cache import caches
from django.urls import reverse
from django.utils.cache import patch_cache_control
from wagtail.models import Site


class PolicyMiddleware(CSPMiddleware):
    """Send the Content-Security-Policy for readers, editors or the admin."""

    def get_policy_parts(self, request, response, report_only=False):
        parts = super().get_policy_parts(request, response, report_only)
        if parts.config is None:
            if is_preview(response):
                parts.config = settings.CSP_EDITOR
            elif request.path_info.startswith(reverse("wagtailadmin_home")):
                parts.config = settings.CSP_ADMIN
            elif settings.SESSION_COOKIE_NAME in request.COOKIES and is_signed_in(request):
                parts.config = settings.CSP_EDITOR
        return parts

    def process_response(self, request, response):
        if is_preview(response):
            # Wagtail has let the page answer a request of its own, with the policy for readers.
            del response[HEADER]
        response = super().process_response(request, response)
        if HEADER in response:
            response[HEADER] = "; ".join(sorted(response[HEADER].split("; ")))
        return response


def is_signed_in(request):
    # A health check and a file are answered before there is a user.
    return hasattr(request, "user") and request.user.is_authenticated


def is_preview(response):
    """Return whether the editor shows the answer in a frame."""
    return response.get("X-Frame-Options") == "SAMEORIGIN"


def keep_sessions_private(get_response):
    """Mark each answer to a request with a session as private."""

    def middleware(request):
        response = get_response(request)
        # Every page accesses the session, so `session.accessed` does not tell whether there is one.
        if settings.SESSION_COOKIE_NAME in request.COOKIES or not request.session.is_empty():
            patch_cache_control(response, private=True)
        return response

    return middleware


def speculate(get_response):
    """Name the rules by which a browser fetches pages ahead in the answers that are pages."""

    def middleware(request):
        response = get_response(request)
        if response.status_code == 200 and response.get("Content-Type", "").startswith("text/html"):
            response.setdefault("Speculation-Rules", f'"{reverse("speculation_rules")}"')
        return response

    return middleware


def remember_site(get_response):
    """Set the request's site and its root page from a cache, instead of by two queries."""

    def middleware(request):
        def find():
            site = Site.find_for_request(request)
            if site:
                site.root_page = site.root_page.specific
            return site

        # Site.find_for_request() looks here first.
        request._wagtail_site = caches["until_change"].get_or_set(
            f"site {request.get_host()} {request.get_port()}", find
        )
        return get_response(request)

    return middleware
