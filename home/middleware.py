from django.conf import settings
from django.core.cache import caches
from django.utils.cache import patch_cache_control
from wagtail.models import Site


def keep_sessions_private(get_response):
    """Let no cache keep what was answered to a session, whatever it made of the request."""

    def middleware(request):
        response = get_response(request)
        # Each page asks for the user, so that having asked tells nothing: there must be a session.
        if settings.SESSION_COOKIE_NAME in request.COOKIES or not request.session.is_empty():
            patch_cache_control(response, private=True)
        return response

    return middleware


def remember_site(get_response):
    """Spare each request the look-up of which site is asked, and of its root page."""

    def middleware(request):
        def find():
            site = Site.find_for_request(request)
            if site:
                site.root_page = site.root_page.specific
            return site

        # Where Site.find_for_request() looks first.
        request._wagtail_site = caches["until_change"].get_or_set(
            f"site {request.get_host()} {request.get_port()}", find
        )
        return get_response(request)

    return middleware
