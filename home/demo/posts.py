"""Read the Markdown files of the demo and create posts and pages."""

from dataclasses import replace
from pathlib import Path

from django.utils import timezone

from blog.importers import markdown
from blog.importers.imported import ArchiveError, ImportedPost
from blog.importers.writer import write
from blog.models import PostPage
from home.models import StandardPage

from .calendar import add_comment, revise, submit, with_dates


def import_posts(
    folder: Path, blog, calendar, *, notes, folders, author, editor, progress, now=None
):
    """
    Add the posts of a folder to the blog, and give those of the calendar their states.

    `notes` are footnotes as HTML, by slug. `folders` contain the pictures and documents that the
    posts name. `progress` is called with the number of posts that are done, and of all posts.
    Return the number of posts. Raise ArchiveError if one of them cannot be written.
    """
    now = now or timezone.now()
    archive = markdown.read(folder, timezone.get_default_timezone(), folders=folders)
    written = replace(
        archive,
        posts=tuple(
            with_notes(with_dates(post, calendar, now), notes.get(post.slug, []))
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
        add_comment(
            page("discussed"), calendar["discussed"]["comment"], author=author, editor=editor
        )
        submit(page("in_review"), author=author, editor=editor)
    return len(report.created)


def with_notes(post: ImportedPost, notes: list[str]) -> ImportedPost:
    """Return the post with a block of footnotes at its end."""
    block = ({"type": "notes", "value": notes},) if notes else ()
    return replace(post, body=post.body + block)


def import_pages(folder: Path, slugs, home_page):
    """Create missing standard pages below the home page. Return all of them by slug."""
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
