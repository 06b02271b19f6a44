from django.conf import settings
from django.core.cache import caches
from django.urls import reverse
from django.utils.cache import patch_cache_control
from wagtail.models import Site


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
