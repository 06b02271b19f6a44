"""What readers get from another of Wagtail's search backends, or while there is no index."""

from django.db.models import Q
from wagtail.search.backends import get_search_backend

from blog.models import PostPage
from search.analysis import NO_TOKEN, site_analyser
from search.documents import prefetch, texts_of
from search.passages import Wanted
from search.question import Choice
from search.ranking import RESULTS_PER_PAGE
from search.results import Answer, result
from search.subjects import named

# Of the backend's answer so many are looked through for what readers may see.
MOST_PLAIN = 1_000
PATHS = {"author": "bylines__author__slug__in", "tag": "tagged_items__tag__slug__in"}


def plain_answer(answer: Answer, choice: Choice, backend: str, section: str = "") -> None:
    """Answer from another of Wagtail's backends: its order, our filters, passages and pages."""
    question = answer.question
    language = site_analyser()
    words = question.wanted
    tokens = [token for token in language.exact(words) if token != NO_TOKEN]
    posts = PostPage.objects.published().filter(path__startswith=section)
    chosen = (("author", choice.author), ("tag", choice.tag))
    subjects = [*named(question), *((kind, [slug], True) for kind, slug in chosen if slug)]
    for kind, slugs, is_wanted in subjects:
        found = Q(**{PATHS[kind]: slugs})
        posts = posts.filter(found if is_wanted else ~found)
    if after := question.day("after"):
        posts = posts.filter(published_at__date__gte=after)
    if before := question.day("before"):
        posts = posts.filter(published_at__date__lt=before)
    if choice.year:
        posts = posts.filter(published_at__year=choice.year)
    if words:
        if not tokens:
            answer.is_empty = True
            return
        hits = get_search_backend(backend).search(" ".join(tokens), PostPage.objects.all())
        ranked = [page.pk for page in hits[:MOST_PLAIN]]
        allowed = set(posts.filter(pk__in=ranked).values_list("pk", flat=True))
        keys = [key for key in ranked if key in allowed]
    else:
        keys = list(dict.fromkeys(posts.values_list("pk", flat=True)[:MOST_PLAIN]))
    answer.total = len(keys)
    start = (answer.number - 1) * RESULTS_PER_PAGE
    keys = keys[start : start + RESULTS_PER_PAGE]
    by_key = PostPage.objects.in_bulk(keys)
    pages = [by_key[key] for key in keys if key in by_key]
    prefetch(pages)
    wanted = Wanted(frozenset(language.stems(words)), ())
    for page in pages:
        texts = {name: (text, language.line_stems(text)) for name, text in texts_of(page).items()}
        answer.results.append(result(page, texts, wanted, language))
