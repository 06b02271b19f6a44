"""Posts that no design expects: the script that writes them into a site, and their paths."""

PATHS = {
    "post with a long title": "/blog/a-long-title/",
    "post of one word": "/blog/one-word/",
    "post with ten tags": "/blog/ten-tags/",
    "post in Arabic": "/blog/arabic/",
    "post that is gone": "/blog/gone/",
}

SCRIPT = """
from django.utils import timezone
from blog.models import Author, BlogIndexPage, Byline, PostPage, Tag
import datetime as dt

blog = BlogIndexPage.objects.get(slug="blog")
day = dt.datetime(2019, 5, 17, 9, tzinfo=timezone.get_default_timezone())

def post(slug, title, *paragraphs, tags=(), authors=(), **fields):
    body = [("paragraph", f"<p>{text}</p>") for text in paragraphs]
    page = PostPage(slug=slug, title=title, body=body, published_at=day, **fields)
    for name in tags:
        Tag.objects.get_or_create(name=name)
    page.tags.set(list(tags))
    page.bylines = [Byline(author=author) for author in authors]
    blog.add_child(instance=page)
    page.save_revision().publish()
    return page

everybody = list(Author.objects.all())
post(
    "a-long-title",
    "On the question whether a Children’s Services Department that has been reorganised five "
    "times can still be said to remember anything, and what Donaudampfschifffahrts"
    "elektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft has to do with it",
    "It begins with Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz" * 3 + ".",
    "See https://example.org/" + "a-very-long-address-without-a-single-space-" * 5 + ".",
    authors=everybody,
    introduction="An introduction that goes on. " * 12,
)
post("one-word", "No", "No.")
post(
    "ten-tags",
    "Ten subjects at once",
    "A paragraph of an ordinary length, so that the tags below it are what is looked at.",
    tags=["Adoption", "Budgets", "Care leavers", "Data protection", "Early help", "Foster care",
          "Guardianship", "Health visiting", "Inspection", "Unaccompanied asylum-seeking children"],
    authors=everybody[:1],
)
post(
    "arabic",
    "يوم في المكتب",
    "رنّ الهاتف في العاشرة صباحًا، ولم يكن في المكتب أحد غيري. كتبت الاسم والعنوان، ثم سألت السؤال "
    "الذي نسأله جميعًا: من يعرف هذا الطفل؟",
    "لم يجب أحد. في آخر الممرّ كانت الممرضة تعدّ الشاي، وقالت إن السؤال نفسه يطرح كل يوم ثلاثاء.",
    introduction="سؤال واحد، وهاتف يرنّ.",
    authors=everybody[:1],
)
post("gone", "Taken away", "Once here.", gone=True).unpublish()
"""
