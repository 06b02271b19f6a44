"""What readers get from another of Wagtail's search backends, or while there is no index."""

from wagtail.search.backends import get_search_backend

from blog.models import PostPage
from search.analysis import NO_TOKEN, Analyser, site_analyser
from search.documents import prefetch, texts_of
from search.passages import Wanted
from search.ranking import RESULTS_PER_PAGE
from search.results import Answer, result
from search.translation import Choice, authors_named, tags_named

# Of the backend's answer so many are looked through for what readers may see.
MOST_PLAIN = 1_000


def plain_answer(answer: Answer, choice: Choice, backend: str, section: str = "") -> None:
    """Answer from another of Wagtail's backends: its order, our filters, passages and pages."""
    question = answer.question
    language = site_analyser()
    words = " ".join([*question.words, *question.phrases, *question.prefixes])
    tokens = [token for token in language.exact(words) if token != NO_TOKEN]
    posts = PostPage.objects.published()
    if section:
        posts = posts.filter(path__startswith=section)
    for names_of, wanted, chosen, path in (
        (authors_named, question.authors, choice.author, "bylines__author__slug__in"),
        (tags_named, question.tags, choice.tag, "tagged_items__tag__slug__in"),
    ):
        for slugs in [*map(names_of, wanted), *([(chosen,)] if chosen else [])]:
            posts = posts.filter(**{path: slugs})
    for names_of, unwanted, path in (
        (authors_named, question.without_authors, "bylines__author__slug__in"),
        (tags_named, question.without_tags, "tagged_items__tag__slug__in"),
    ):
        for name in unwanted:
            posts = posts.exclude(**{path: names_of(name)})
    if question.after:
        posts = posts.filter(published_at__date__gte=question.after)
    if question.before:
        posts = posts.filter(published_at__date__lt=question.before)
    if choice.year:
        posts = posts.filter(published_at__year=choice.year)
    if question.has_words:
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
    found = PostPage.objects.in_bulk(keys)
    pages = [found[key] for key in keys if key in found]
    prefetch(pages)
    wanted = Wanted(frozenset(language.stems(words)), ())
    for page in pages:
        texts = {name: (text, stems_of(text, language)) for name, text in texts_of(page).items()}
        answer.results.append(result(page, texts, wanted, language))


def stems_of(text: str, language: Analyser) -> str:
    """Return the stems of each line of a text, between spaces."""
    lines = []
    for line in text.split("\n"):
        stems = [""]
        for word in language.words(line):
            stems += [*word.stems, *word.whole, *(part.stem for part in word.ends)]
        lines.append(" ".join([*stems, ""]))
    return "\n".join(lines)
