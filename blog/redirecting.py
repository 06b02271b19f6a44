"""Redirects readers from old addresses, but only to what is there."""

from urllib.parse import urlsplit

from django.utils.encoding import uri_to_iri
from wagtail.contrib.redirects.middleware import RedirectMiddleware, get_redirect
from wagtail.contrib.redirects.models import Redirect

from blog.visibility import is_expired


class PublicRedirectMiddleware(RedirectMiddleware):
    """
    Wagtail's middleware, which redirects neither to a page that is not live nor to itself.

    The address of a page that was taken down is that of its draft. Readers must not learn it, and a
    redirect may start there: from `/old/`, if the page was renamed to `new` and then back.
    """

    def process_response(self, request, response):
        answer = super().process_response(request, response)
        if answer is response or self.leads_somewhere(request, answer):
            return answer
        return response

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
