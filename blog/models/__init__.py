from blog.schedule.ledger import Attempt, Worker

from .archive_import import ArchiveImport
from .archived_comment import ArchivedComment
from .author import Author, AuthorLink
from .byline import Byline
from .correction import Correction
from .index import BlogIndexPage
from .photo import Photo, PhotoRendition
from .post import PostPage
from .series import Series
from .tag import Tag, TaggedPost

__all__ = [
    "ArchiveImport",
    "ArchivedComment",
    "Attempt",
    "Author",
    "AuthorLink",
    "BlogIndexPage",
    "Byline",
    "Correction",
    "Photo",
    "PhotoRendition",
    "PostPage",
    "Series",
    "Tag",
    "TaggedPost",
    "Worker",
]
