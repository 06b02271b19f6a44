"""Writes the comments of an archive below the pages that they belong to."""

from collections import Counter

import nh3

from blog.models import ArchivedComment

from . import body
from .imported import CONTROL_CHARACTERS, ImportedComment

TAGS = {"p", "br", "a", "b", "i", "strong", "em", "code", "blockquote"}


class Comments:
    """
    The comments of an archive, which may come before their post, and before what they answer.

    `counts` says how many there were, and how many are here.
    """

    def __init__(self) -> None:
        self.waiting: list[ImportedComment] = []
        self.counts: Counter[str] = Counter()
        self.parents: dict[str, str] = {}
        there = ArchivedComment.objects.values_list("source_id", "pk")
        self.there: dict[str, int] = dict(there.iterator())

    def add(self, comment: ImportedComment) -> None:
        self.counts["source"] += 1
        self.waiting.append(comment)

    def write(self, pages: dict[str, int], last: bool = False) -> None:
        """Write those whose page is there. At the end, put replies below what they answer."""
        waiting, self.waiting = self.waiting, []
        for comment in waiting:
            page = pages.get(comment.post)
            if page is None:
                self.waiting.append(comment)
                continue
            self.counts["written"] += 1
            if comment.source_id not in self.there:
                self.there[comment.source_id] = self._create(comment, page).pk
                self.parents[comment.source_id] = comment.parent
        for child, parent in self.parents.items() if last else ():
            if parent in self.there and child != parent:
                replies = ArchivedComment.objects.filter(pk=self.there[child])
                replies.update(parent=self.there[parent])

    def _create(self, comment: ImportedComment, page: int) -> ArchivedComment:
        # Some programs put an address of mail where a name is missing.
        name = CONTROL_CHARACTERS.sub("", comment.name).partition("@")[0]
        is_web = comment.link.startswith(("http://", "https://"))
        return ArchivedComment.objects.create(
            page_id=page,
            source_id=comment.source_id[:255],
            name=name[:255],
            link=comment.link[:2000] if is_web else "",
            moment=comment.moment,
            text=text_of(comment.html),
            is_public=comment.is_public,
        )


def text_of(source: str) -> str:
    """Return the text of a comment as rich text. Its line ends may be only line ends."""
    source = CONTROL_CHARACTERS.sub("", source)
    if "<p" not in source and "<br" not in source:
        source = source.replace("\r\n", "\n").replace("\n", "<br>")
    return body.clean(nh3.clean(source, tags=TAGS), frozenset({"b", "i", "a", "code"}))
