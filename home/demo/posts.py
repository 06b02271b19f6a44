"""The posts and pages of the demo, which are Markdown files in this folder."""

import datetime as dt
import re
from dataclasses import replace
from pathlib import Path

from django.utils import timezone
from wagtail.models import Comment

from blog.importers import markdown
from blog.importers.imported import Archive, ArchiveError, Status
from blog.importers.writer import write
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
        folders=[PICTURES, FOLDER / "files"],
    )
    if problems:
        raise ArchiveError("\n".join(map(str, problems)))
    return post


def import_posts(blog, *, revised, discussed, author, editor, progress):
    """
    Add the posts to the blog, and return their number.

    `revised` has the first title and introduction of a post, and `discussed` the editor's comment
    on one. `progress` is called with the number of posts that are done, and of all posts.
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
    reports = [
        write(Archive(tuple(first)), blog, user=editor),
        write(Archive(tuple(finished)), blog, user=editor, progress=progress),
        write(Archive(tuple(unfinished)), blog, user=author),
    ]
    for report in reports:
        if wrong := [*(outcome.reason for outcome in report.failed), *report.notes]:
            raise ArchiveError("\n".join(wrong))
    page = PostPage.objects.child_of(blog).get(slug=discussed["slug"])
    paragraph = page.body.first_block_by_name("paragraph")
    page.wagtail_admin_comments.add(
        Comment(user=editor, text=discussed["comment"], contentpath=f"body.{paragraph.id}")
    )
    page.save()
    page.save_revision(user=author)
    return len(posts)


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
                body=block.clean(block.to_python(list(post.body))),
            )
            home_page.add_child(instance=page)
            page.save_revision().publish()
        pages[slug] = page
    return pages
