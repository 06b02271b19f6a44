from django.http import Http404, HttpResponsePermanentRedirect
from wagtail.contrib.redirects.middleware import get_redirect
from wagtail.models import Page

from blog.body.markdown import markdown_response
from blog.models import PostPage
from blog.visibility import is_public


def markdown(request, path):
    """Return a response with a published post as Markdown. Raise Http404 for other pages."""
    page = Page.find_for_request(request, path)
    if page is None:
        # If there is a redirect for the post's page, redirect to its new address as Markdown.
        redirect = get_redirect(request, f"/{path}")
        page = redirect and redirect.redirect_page and redirect.redirect_page.specific
        if isinstance(page, PostPage) and is_public(page) and page.url:
            return HttpResponsePermanentRedirect(page.markdown_url)
        raise Http404
    if not isinstance(page, PostPage) or not is_public(page):
        raise Http404
    return markdown_response(page, request)
