from django.http import Http404, HttpResponsePermanentRedirect
from wagtail.contrib.redirects.middleware import get_redirect
from wagtail.models import Page

from blog.body.markdown import markdown_response
from blog.models import PostPage
from blog.outgoing.share_card import share_card_response
from blog.visibility import is_public

FORMS = {"md": markdown_response, "png": share_card_response}


def other_form(request, path, form):
    """
    Return a response with a published post as Markdown, or with the picture that is shared.

    Raise Http404 for other pages.
    """
    page = Page.find_for_request(request, path)
    if page is None:
        # If there is a redirect for the post's page, redirect to this form at its new address.
        redirect = get_redirect(request, f"/{path}")
        page = redirect and redirect.redirect_page and redirect.redirect_page.specific
        if isinstance(page, PostPage) and is_public(page) and page.url:
            return HttpResponsePermanentRedirect(page.url_of_form(form))
        raise Http404
    if not isinstance(page, PostPage) or not is_public(page):
        raise Http404
    return FORMS[form](page, request)
