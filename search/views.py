from django.core.cache import caches
from django.core.paginator import Paginator
from django.http import JsonResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe
from wagtail.models import Site

from search import log
from search.answers import answer_to
from search.question import Choice, normalised
from search.ranking import RESULTS_PER_PAGE
from search.results import MOST_PAGES
from search.suggestions import newest_posts, nothing_found, suggestions

LONGEST_SLUG = 200


def number_of(value, most):
    """A whole number between 1 and `most` from the address; None for anything else."""
    return (
        int(value) if value.isascii() and value.isdigit() and 0 < int(value[:9]) <= most else None
    )


def parameters_of(query, choice):
    """The address's parameters as they were understood, for the links on the page."""
    known = {
        "q": query,
        "year": choice.year,
        "tag": choice.tag,
        "author": choice.author,
        "sort": "date" if choice.newest_first else "",
        "spelling": "as-typed" if choice.as_typed else "",
    }
    parameters = QueryDict(mutable=True)
    parameters.update({name: str(value) for name, value in known.items() if value})
    return parameters


def choice_of(parameters):
    def slug(name):
        return normalised(parameters.get(name, ""))[:LONGEST_SLUG]

    return Choice(
        year=number_of(parameters.get("year", ""), 9999),
        tag=slug("tag"),
        author=slug("author"),
        newest_first=parameters.get("sort") == "date",
        as_typed=parameters.get("spelling") == "as-typed",
    )


def section_of(request):
    """Return where the pages of the request's site are in the tree; empty for a single site."""
    paths = caches["until_change"].get_or_set(
        "site sections", lambda: dict(Site.objects.values_list("pk", "root_page__path"))
    )
    site = Site.find_for_request(request) if len(paths) > 1 else None
    return paths.get(site.pk, "") if site else ""


@require_safe
@gzip_page
def search(request):
    """Answer with the pages that a reader's words find."""
    query = normalised(request.GET.get("q", ""))
    choice = choice_of(request.GET)
    number = number_of(request.GET.get("page", ""), MOST_PAGES) or 1
    context = {"query": query, "choice": choice, "parameters": parameters_of(query, choice)}
    if query:
        section = section_of(request)
        answer = answer_to(query, choice, number, section)
        if answer.number > answer.pages:
            answer = answer_to(query, choice, answer.pages, section)
        # The answer has the results of this page; only the numbers of others are wanted.
        listed = range(min(answer.shown, MOST_PAGES * RESULTS_PER_PAGE))
        pages = Paginator(listed, RESULTS_PER_PAGE)
        context |= {"answer": answer, "page_of": pages.get_page(answer.number)}
        for result in answer.results:
            result.url = result.page.get_url(request) or ""
        if not answer.results:
            context |= nothing_found(answer, section)
        if answer.number == 1 and answer.question:
            log.note(request, query, found=bool(answer.results))
    else:
        context["newest"] = newest_posts(section_of(request))
    return render(request, "search/search.html", context)


@require_safe
@gzip_page
def suggest(request):
    """Answer with what the words begun so far may become, as JSON."""
    found = suggestions(request, normalised(request.GET.get("q", "")), section_of(request))
    response = JsonResponse({"suggestions": found})
    response["X-Robots-Tag"] = "noindex"
    return response
