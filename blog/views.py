from django.http import Http404, HttpResponsePermanentRedirect
from wagtail.contrib.redirects.middleware import get_redirect
from wagtail.models import Site

from blog.markdown import markdown_response
from blog.models import PostPage


def markdown(request, path):
    """Answer with a published post as Markdown; what is no such post is not found."""
    site = Site.find_for_request(request)
    if site is None:
        raise Http404
    try:
        page, _args, kwargs = site.root_page.specific.route(request, path.split("/"))
    except Http404:
        # Where its page leads on, a post that moved does so as Markdown.
        redirect = get_redirect(request, f"/{path}")
        page = redirect and redirect.redirect_page and redirect.redirect_page.specific
        if isinstance(page, PostPage) and page.live and page.url:
            return HttpResponsePermanentRedirect(page.markdown_url)
        raise
    if not isinstance(page, PostPage) or kwargs or page.get_view_restrictions().exists():
        raise Http404
    return markdown_response(page, request)
