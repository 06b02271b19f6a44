"""A post as Markdown, for programs and people who prefer it."""

from django.http import HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from blog.body import portable


def as_markdown(post, request):
    """Return a post as Markdown, with its title, date, authors and address on top."""
    url = post.get_full_url(request)
    html = render_to_string(
        "blog/includes/feed_item.html", {"page": post, "request": request}, request=None
    )
    facts = [
        f"- {label}: {value}"
        for label, value in (
            (_("Date"), post.published_on),
            (_("By"), ", ".join(author.name for author in post.authors)),
            (_("Tags"), ", ".join(tag.name for tag in post.sorted_tags)),
            (_("Address"), url),
        )
        if value
    ]
    introduction = f"> {' '.join(post.introduction.split())}\n\n" if post.introduction else ""
    facts = "\n".join(facts)
    return f"# {post.title}\n\n{introduction}{facts}\n\n{portable.markdown(html, url)}\n"


def markdown_response(post, request):
    """Return a response with a post as Markdown, whose canonical address is the post's page."""
    response = HttpResponse(as_markdown(post, request), content_type="text/markdown; charset=utf-8")
    response["Link"] = f'<{post.original.get_full_url(request)}>; rel="canonical"'
    return response
