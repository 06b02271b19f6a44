from django.core.cache import caches
from wagtail.models import Site


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
