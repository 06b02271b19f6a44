from django.http import Http404
from wagtail.models import Site

from blog.markdown import markdown_response
from blog.models import PostPage


def markdown(request, path):
    """Answer with a published post as Markdown; what is no such post is not found."""
    site = Site.find_for_request(request)
    if site is None:
        raise Http404
    page, _args, kwargs = site.root_page.specific.route(request, path.split("/"))
    if not isinstance(page, PostPage) or kwargs or page.get_view_restrictions().exists():
        raise Http404
    return markdown_response(page, request)
