"""Reads the Markdown of the demo and writes it as posts and pages."""

from dataclasses import replace
from pathlib import Path

from django.utils import timezone

from blog.importers import markdown
from blog.importers.imported import ArchiveError, ImportedPost
from blog.importers.writer import write
from blog.models import PostPage
from home.models import StandardPage

from .calendar import dated, discuss, revise, submit


def import_posts(
    folder: Path, blog, calendar, *, notes, folders, author, editor, progress, now=None
):
    """
    Write the posts of a folder into the blog, and put those of the calendar into their states.

    `notes` are their footnotes, as HTML, by slug; `folders` hold the pictures and documents that
    they name, and `progress` hears how many of how many posts are done. Returns the number of
    posts. Raises ArchiveError when one of them cannot be written.
    """
    now = now or timezone.now()
    archive = markdown.read(folder, timezone.get_default_timezone(), folders=folders)
    written = replace(
        archive,
        posts=tuple(
            annotated(dated(post, calendar, now), notes.get(post.slug, []))
            for post in archive.posts
        ),
    )
    report = write(written, blog, user=editor, update=False, progress=progress)
    if wrong := [*map(str, archive.problems), *(o.reason for o in report.failed), *report.notes]:
        raise ArchiveError("\n".join(wrong))

    def page(kind):
        return PostPage.objects.child_of(blog).get(slug=calendar[kind]["slug"])

    sources = {post.slug: post for post in archive.posts}
    if report.created:
        revise(page("revised"), sources[calendar["revised"]["slug"]], editor)
        discuss(page("discussed"), calendar["discussed"]["comment"], author=author, editor=editor)
        submit(page("in_review"), author=author, editor=editor)
    return len(report.created)


def annotated(post: ImportedPost, notes: list[str]) -> ImportedPost:
    """The post with footnotes at its end."""
    block = ({"type": "notes", "value": notes},) if notes else ()
    return replace(post, body=post.body + block)


def import_pages(folder: Path, slugs, home_page):
    """Write standard pages below the home page unless they are there; returns them by slug."""
    block = StandardPage._meta.get_field("body").stream_block
    pages = {}
    for slug in slugs:
        page = StandardPage.objects.child_of(home_page).filter(slug=slug).first()
        if page is None:
            file = folder / f"{slug}.md"
            post, problems = markdown.read_post(
                file.read_text(encoding="utf-8"), timezone.get_default_timezone(), file=file.name
            )
            if problems:
                raise ArchiveError("\n".join(map(str, problems)))
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
