"""Imports an archive: opens it, surveys it, and writes it."""

from collections.abc import Callable, Sequence
from pathlib import Path

from . import survey
from .imported import Options
from .media import MediaLibrary
from .receipt import Receipt
from .sources import opened
from .writer import Writer


def run(
    sources: Sequence[Path],
    blog,
    options: Options,
    *,
    format: str = "",
    folders: Sequence[Path] = (),
    authors: tuple[str, ...] = (),
    user=None,
    writes: bool = True,
    fetches: bool = True,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Receipt:
    """
    Import sources into a blog, and return the receipt. Raise ArchiveError if nothing was imported.

    `folders` are searched for pictures and documents. `progress` is called with how many posts are
    done, and how many there are.
    """
    with opened(sources, options, format, folders) as archive:
        found = survey.take(archive)
        library = MediaLibrary(
            archive.folders,
            attachments=found.attachments,
            user=user,
            fetches=fetches,
            adds=writes,
            old_site=options.old_site,
        )
        writer = Writer(blog, found, library, user=user, authors=authors, writes=writes)
        done = 0

        def count(posts: int) -> None:
            nonlocal done
            done += posts
            progress(done, len(found.posts))

        return writer.write(archive.items(), count)
