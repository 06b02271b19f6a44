"""Redirects readers from old addresses, but only to what is there."""

from urllib.parse import urlsplit

from django.http import HttpResponsePermanentRedirect
from django.utils.encoding import uri_to_iri
from wagtail.contrib.redirects.middleware import RedirectMiddleware, get_redirect
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import Site

from blog.importers.addresses import LIST_PARAMETERS, NUMBERS, key_of, list_path
from blog.models import BlogIndexPage
from blog.visibility import is_expired, public


class PublicRedirectMiddleware(RedirectMiddleware):
    """
    Wagtail's middleware, which redirects neither to a page that is not live nor to itself.

    The address of a page that was taken down is that of its draft. Readers must not learn it, and a
    redirect may start there: from `/old/`, if the page was renamed to `new` and then back.
    """

    def process_request(self, request):
        """Redirect from addresses of WordPress such as `/?p=42`, at which the home page is."""
        if request.method not in {"GET", "HEAD"} or request.path != "/":
            return None
        if any(name in request.GET for name in NUMBERS):
            return self.imported(request)
        if any(name in request.GET for name in LIST_PARAMETERS):
            return self.old_list(request)
        return None

    def process_response(self, request, response):
        answer = super().process_response(request, response)
        if answer is not response and self.leads_somewhere(request, answer):
            return self.with_number(request, answer)
        if response.status_code == 404 and request.method in {"GET", "HEAD"}:
            return self.imported(request) or self.old_list(request) or response
        return response

    def imported(self, request):
        """Return a redirect from another spelling of the old address of an imported page."""
        key = key_of(request.get_full_path())
        redirect = key and get_redirect(request, Redirect.normalise_path(key))
        page = redirect and redirect.redirect_page
        if page and page.live and not is_expired(page):
            return HttpResponsePermanentRedirect(page.get_url(request))
        return None

    def old_list(self, request):
        """Return a redirect to the list that another platform had at the address."""
        site = Site.find_for_request(request)
        blogs = site and public(BlogIndexPage.objects.descendant_of(site.root_page))
        blog = blogs and blogs.first()
        if not blog:
            return None
        path = list_path(request.path, request.META.get("QUERY_STRING", ""), blog)
        if path is None or path == request.path.removeprefix(blog.get_url(request)):
            return None
        return HttpResponsePermanentRedirect(f"{blog.get_url(request)}{path}")

    def with_number(self, request, answer):
        """Keep the number of a page of a list, and nothing else of a query."""
        number = request.GET.get("page", "")
        target = urlsplit(answer["Location"])
        if number.isdecimal() and not (target.netloc or target.query):
            answer["Location"] = target._replace(query=f"page={number}").geturl()
        return answer

    def leads_somewhere(self, request, answer):
        target = urlsplit(answer["Location"])
        own_host = not target.netloc or target.netloc == request.get_host()
        if own_host and uri_to_iri(target.path).rstrip("/") == request.path.rstrip("/"):
            return False
        path = Redirect.normalise_path(request.get_full_path(), decode_unicode=False)
        redirect = get_redirect(request, path) or get_redirect(request, urlsplit(path).path)
        page = redirect and redirect.redirect_page
        if page is None or (page.live and not is_expired(page)):
            return True
        # One that is gone for good says so.
        return getattr(page.specific, "gone", False)
