from django.http import Http404
from wagtail.models import Page

from blog.markdown import markdown_response
from blog.models import PostPage
from blog.visibility import is_public


def markdown(request, path):
    """Answer with a published post as Markdown; what is no such post is not found."""
    page = Page.find_for_request(request, path)
    if not isinstance(page, PostPage) or not is_public(page):
        raise Http404
    return markdown_response(page, request)
