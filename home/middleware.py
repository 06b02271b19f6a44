from wagtail.models import Site

from blog.remembered import remembered
from home.models.home_page import home_pages


def remember_site(get_response):
    """Spare each request the look-up of which site is asked, and of its root page."""

    def middleware(request):
        host, port = request.get_host(), request.get_port()
        # Where Site.find_for_request() looks first.
        request._wagtail_site = remembered(("site", host, port), lambda: find(request))
        return get_response(request)

    def find(request):
        site = Site.find_for_request(request)
        if site and (found := home_pages(site.root_page_id)):
            site.root_page = found[0]
        return site

    return middleware
