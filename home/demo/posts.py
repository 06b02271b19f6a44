"""The posts and pages of the demo, which are Markdown files in this folder."""

import datetime as dt
import re
from dataclasses import replace
from pathlib import Path

from django.utils import timezone
from wagtail.models import Comment

from blog.importers import body
from blog.importers.imported import ArchiveError, Status
from blog.importers.media import MediaLibrary
from blog.importers.readers import markdown
from blog.importers.survey import Known, Survey
from blog.importers.writer import Writer
from blog.models import PostPage
from home.models import StandardPage

FOLDER = Path(__file__).parent
PICTURES = FOLDER / "pictures"
# A moment counted from that of loading: `{5 minutes}`, or `{-1 days 17:25}` by the site's clock.
RELATIVE = re.compile(r"\{(?P<number>-?\d+) (?P<unit>days|minutes)(?: (?P<time>\d\d:\d\d))?\}")


def absolute(match, now):
    """Return the moment that a match of RELATIVE names, in ISO 8601."""
    moment = timezone.localtime(now, timezone.get_default_timezone())
    moment += dt.timedelta(**{match["unit"]: int(match["number"])})
    if match["time"]:
        time = dt.time.fromisoformat(match["time"])
        moment = dt.datetime.combine(moment, time, moment.tzinfo)
    return moment.isoformat()


def read(path, now):
    """Return the post of a file. Raise ArchiveError if anything in it is unclear."""
    text = RELATIVE.sub(lambda match: absolute(match, now), path.read_text(encoding="utf-8"))
    post, problems = markdown.read_post(
        text,
        timezone.get_default_timezone(),
        file=path.name,
    )
    if problems:
        raise ArchiveError("\n".join(map(str, problems)))
    return post


def import_posts(blog, *, revised, discussed, author, editor, progress):
    """
    Add the posts to the blog, and return their number.

    `revised` has the first title and introduction of a post, and `discussed` the editor's comment
    on one. `progress` is called with the number of posts that were written since the last time.
    """
    now = timezone.now()
    posts = [read(path, now) for path in sorted((FOLDER / "posts").glob("*.md"))]
    first = [
        replace(post, title=revised["title"], introduction=revised["introduction"])
        for post in posts
        if post.slug == revised["slug"]
    ]
    unfinished = [post for post in posts if post.status in {Status.DRAFT, Status.IN_REVIEW}]
    finished = [post for post in posts if post not in unfinished]
    for some, user in ((first, editor), (finished, editor), (unfinished, author)):
        write(some, posts, blog, user, progress if some is finished else lambda done: None)
    page = PostPage.objects.child_of(blog).get(slug=discussed["slug"])
    paragraph = page.body.first_block_by_name("paragraph")
    page.wagtail_admin_comments.add(
        Comment(user=editor, text=discussed["comment"], contentpath=f"body.{paragraph.id}")
    )
    page.save()
    page.save_revision(user=author)
    return len(posts)


def library(**options):
    return MediaLibrary([PICTURES, FOLDER / "files"], fetches=False, **options)


def write(some, posts, blog, user, progress):
    """Write some of the posts. Raise ArchiveError if anything in them did not arrive."""
    known = {post.source_id: Known(post.title, post.slug, False) for post in posts}
    writer = Writer(blog, Survey(posts=known), library(user=user), user=user)
    receipt = writer.write(some, progress)
    if not receipt.is_whole or receipt.notes:
        wrong = [f"{entry.title}: {entry.reason}{entry.missing}" for entry in receipt.entries]
        raise ArchiveError("\n".join([*wrong, *receipt.notes]))
    for entry in receipt.entries:
        if entry.losses:
            raise ArchiveError(f"{entry.title}: {' '.join(entry.losses)}")


def import_pages(slugs, home_page):
    """Create missing standard pages below the home page. Return all of them by slug."""
    block = StandardPage._meta.get_field("body").stream_block
    pages = {}
    for slug in slugs:
        page = StandardPage.objects.child_of(home_page).filter(slug=slug).first()
        if page is None:
            post = read(FOLDER / "pages" / f"{slug}.md", timezone.now())
            page = StandardPage(
                title=post.title,
                slug=slug,
                introduction=post.introduction,
                body=block.clean(block.to_python(body.read(post.html, library()).blocks)),
            )
            home_page.add_child(instance=page)
            page.save_revision().publish()
        pages[slug] = page
    return pages
