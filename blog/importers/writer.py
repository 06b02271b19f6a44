"""Writes the posts of an archive into a blog, or updates those that were imported before."""

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify
from wagtail.log_actions import log
from wagtail.models import PageLogEntry, PageViewRestriction

from blog.models import Author, Byline, Correction, PostPage, Series, Tag

from .images import MissingFileError, find_or_add_document, find_or_add_photo
from .imported import (
    CONTROL_CHARACTERS,
    Archive,
    ImportedDocument,
    ImportedPhoto,
    ImportedPost,
    PostLink,
    Status,
    leaves,
)

logger = logging.getLogger(__name__)

# The log entry of an import, which has the digest of the imported post.
IMPORT_ACTION = "blog.import"


class CannotWriteError(Exception):
    """A post of an archive cannot be written."""


@dataclass(frozen=True)
class Outcome:
    """The result of a post. `reason` says why it was not written, and `page` may be None then."""

    post: ImportedPost
    page: Any = None
    reason: str = ""


@dataclass
class Report:
    """The results of an import, in the order of the archive. `notes` are other messages."""

    created: list[Outcome] = field(default_factory=list)
    updated: list[Outcome] = field(default_factory=list)
    unchanged: list[Outcome] = field(default_factory=list)
    left_alone: list[Outcome] = field(default_factory=list)
    failed: list[Outcome] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def write(
    archive: Archive,
    blog,
    *,
    user=None,
    authors: tuple[str, ...] = (),
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Report:
    """
    Write the posts of an archive into a blog.

    A post that was imported before is found by its source id. It is updated if it has changed in
    the archive and nobody has changed it on the site. `authors` are the slugs or names of the
    authors of posts that name none. `user` is recorded as the editor. `progress` is called with how
    many posts are done, and how many there are.
    """
    return _Writer(blog, user, authors).write(archive.posts, progress)


class _Writer:
    def __init__(self, blog, user, authors: tuple[str, ...]):
        self.blog = blog
        self.user = user
        self.authors = authors
        self.report = Report()
        self.block = PostPage._meta.get_field("body").stream_block
        self.imported: dict[str, str] = {}

    def write(self, posts: tuple[ImportedPost, ...], progress: Callable[[int, int], None]):
        # All pages are created first, so that posts can refer to each other in any order.
        places = [(post, self._guarded(self._reserve, post)) for post in posts]
        for done, (post, page) in enumerate(places, start=1):
            if page and not self._guarded(self._write, post, page):
                self._forget(page)
            progress(done, len(posts))
        return self.report

    def _guarded(self, step: Callable[..., Any], post: ImportedPost, *args):
        """Return the page that `step` returns, or None after reporting why it failed."""
        try:
            return step(post, *args)
        except (CannotWriteError, MissingFileError) as error:
            reason = str(error)
        except ValidationError as error:
            reason = "; ".join(_reasons(error))
        except Exception as error:
            # A post that fails must not stop the others.
            logger.exception("Importing %s failed", post.source_id)
            reason = f"{type(error).__name__}: {error}"
        self.report.failed.append(Outcome(post, reason=reason))
        return None

    def _reserve(self, post: ImportedPost):
        """Return the page of a post, which is a bare draft if the post is new."""
        page = PostPage.objects.filter(source_id=post.source_id).first()
        if page is None:
            texts = [leaf for leaf in leaves(asdict(post)) if isinstance(leaf, str)]
            if found := CONTROL_CHARACTERS.search(" ".join(texts)):
                raise CannotWriteError(
                    f"No page can show the character U+{ord(found[0]):04X} in it."
                )
            for what, text in (("title", post.title), ("source", post.source_id)):
                if len(text) > 255:
                    raise CannotWriteError(f"Its {what} has more than 255 characters.")
            with transaction.atomic():
                # Loaded again, as a page that could not be added leaves a wrong `numchild`.
                blog = type(self.blog).objects.get(pk=self.blog.pk)
                page = PostPage(
                    title=post.title,
                    slug=self._free_slug(post, blog),
                    source_id=post.source_id,
                    live=False,
                    owner=self.user,
                )
                blog.add_child(instance=page)
        elif page.get_parent().pk != self.blog.pk:
            raise CannotWriteError(f"It is already in {page.get_parent().title}, as {page.title}.")
        self.imported[post.slug] = str(page.pk)
        return page

    def _forget(self, page):
        """Delete the bare draft of a post that could not be written."""
        if not page.latest_revision_id:
            with transaction.atomic():
                PostPage.objects.get(pk=page.pk).delete()

    def _free_slug(self, post: ImportedPost, blog) -> str:
        base = post.slug[:200] or "post"
        slug = PostPage.available_slug(base, blog)
        if slug != base:
            self.report.notes.append(f"“{post.title}” is at …/{slug}/, as …/{base}/ is taken.")
        return slug

    def _write(self, post: ImportedPost, page):
        entry = None
        if page.latest_revision_id:
            entries = PageLogEntry.objects.filter(page_id=page.pk)
            entry = entries.filter(action=IMPORT_ACTION).order_by("-pk").first()
            digest = entry and entry.data.get("digest")
            missing = entry.data.get("missing", []) if entry else []
            same = digest == post.digest() and not any(map(self._page_of, missing))
            edited = (
                entry is None
                or page.latest_revision.created_at > entry.timestamp
                or entries.filter(pk__gt=entry.pk, user__isnull=False).exists()
            )
            if edited:
                reason = "It was changed here since it was imported." + (
                    "" if same else " The archive has another text."
                )
                self.report.left_alone.append(Outcome(post, page, reason))
                return page
            if same:
                self.report.unchanged.append(Outcome(post, page))
                return page
        named = {leaf.slug for leaf in leaves(post.body) if isinstance(leaf, PostLink)}
        missing = sorted(slug for slug in named if not self._page_of(slug))
        body = self.block.clean(self.block.to_python(self._body(post)))
        cover = post.cover and find_or_add_photo(post.cover, self.user)
        with transaction.atomic():
            page = self._fill(post, PostPage.objects.get(pk=page.pk), body, cover)
            data = {"source": post.source_id, "digest": post.digest(), "missing": missing}
            revision = page.latest_revision
            log(page, IMPORT_ACTION, user=self.user, data=data, revision=revision)
        for slug in missing:
            self.report.notes.append(f"“{post.title}” names the post “{slug}”, which is not here.")
        done = self.report.updated if entry else self.report.created
        done.append(Outcome(post, page))
        return page

    def _fill(self, post: ImportedPost, page, body, cover):
        """Save a post as a draft, and give it its status by the steps that an editor would take."""
        is_new = not page.latest_revision_id
        go_live_at = post.go_live_at
        visible = post.status in {Status.LIVE, Status.PRIVATE, Status.EXPIRED}
        if visible and post.published_at and post.published_at > timezone.now():
            go_live_at = post.published_at
        if post.status is Status.SCHEDULED and go_live_at is None:
            raise CannotWriteError("It is scheduled, and no moment is given.")
        if len(post.introduction) > 1000:
            raise CannotWriteError("Its introduction has more than 1,000 characters.")

        page.title = page.draft_title = post.title
        page.published_at = post.published_at
        page.introduction = post.introduction
        page.series = self._named(Series, "title", post.series) if post.series else None
        page.cover = cover
        page.body = body
        page.go_live_at = go_live_at
        page.expire_at = post.expire_at
        page.updated_at = post.updated_at
        page.gone = post.gone
        page.corrections = [
            Correction(date=note.date, text=note.text, sort_order=order)
            for order, note in enumerate(post.corrections)
        ]
        page.tags.set([self._tag(name) for name in post.tags])
        names = post.authors or (self.authors if is_new else ())
        if names:
            writers = dict.fromkeys(self._named(Author, "name", name) for name in names)
            page.bylines = [
                Byline(author=author, sort_order=order) for order, author in enumerate(writers)
            ]
        if is_new:
            if visible and not go_live_at:
                page.first_published_at = post.published_at
            page.save()
        self._restrict(page, post)
        revision = page.save_revision(user=self.user)
        if visible or post.status is Status.SCHEDULED:
            revision.publish(user=self.user)
            page = PostPage.objects.get(pk=page.pk)
        if post.status is Status.EXPIRED:
            page.unpublish(
                set_expired=True, user=self.user, log_action="wagtail.unpublish.scheduled"
            )
        if post.status is Status.IN_REVIEW and not page.workflow_in_progress:
            workflow = page.get_workflow()
            if workflow is None:
                raise CannotWriteError("It is in review, and the blog has no workflow.")
            workflow.start(page, self.user)
        return page

    def _restrict(self, page, post: ImportedPost):
        """Restrict a private post by its password or to users, before it goes live."""
        PageViewRestriction.objects.filter(page=page).delete()
        if post.status is Status.PRIVATE:
            kind = PageViewRestriction.PASSWORD if post.password else PageViewRestriction.LOGIN
            restriction = PageViewRestriction(
                page=page, restriction_type=kind, password=post.password
            )
            restriction.save(user=self.user)

    # What a post names

    def _page_of(self, slug: str) -> str:
        """Return the key of the post with a slug in the archive or in the blog, or ""."""
        if slug not in self.imported:
            found = PostPage.objects.child_of(self.blog).filter(slug=slug).first()
            if found is None:
                return ""
            self.imported[slug] = str(found.pk)
        return self.imported[slug]

    def _body(self, post: ImportedPost) -> list[dict[str, Any]]:
        """Return the raw body with keys in place of references, and without missing posts."""
        blocks = [self._resolved(block) for block in post.body]
        return [block for block in blocks if block["type"] != "related" or block["value"]["posts"]]

    def _resolved(self, value: Any) -> Any:
        if isinstance(value, ImportedPhoto):
            return find_or_add_photo(value, self.user).pk
        if isinstance(value, ImportedDocument):
            return find_or_add_document(value, self.user).pk
        if isinstance(value, PostLink):
            return int(self._page_of(value.slug) or 0)
        if isinstance(value, Mapping):
            return {key: self._resolved(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            resolved = [(item, self._resolved(item)) for item in value]
            return [new for old, new in resolved if new or not isinstance(old, PostLink)]
        return value

    def _named(self, model, attribute: str, name: str):
        """Return the author or series with a slug or name. Create it if there is none."""
        found = model.objects.filter(slug=name).first()
        found = found or model.objects.filter(**{f"{attribute}__iexact": name}).first()
        if found is None:
            if slugify(name, allow_unicode=True) == name:
                words = name.replace("-", " ")
                name = words.title() if model is Author else words.capitalize()
            found = model(**{attribute: name})
            found.full_clean()
            found.save()
            self.report.notes.append(f"{model._meta.verbose_name.capitalize()} made: {name}.")
        return found

    def _tag(self, name: str) -> Tag:
        tag = Tag.objects.filter(name__iexact=name).first()
        if tag is None:
            tag = Tag(name=name)
            tag.full_clean()
            tag.save()
        return tag


def _reasons(error: ValidationError) -> list[str]:
    """Return the messages of an error of fields or nested blocks, each with its place."""
    if hasattr(error, "as_json_data"):
        return list(dict.fromkeys(_flat(error.as_json_data(), "")))
    if hasattr(error, "message_dict"):
        return [f"{name}: {' '.join(texts)}" for name, texts in error.message_dict.items()]
    return error.messages


def _flat(data: Any, place: str) -> Iterator[str]:
    if isinstance(data, Mapping):
        for key, item in data.items():
            here = place
            if key not in {"messages", "blockErrors", "nonBlockErrors"}:
                name = f"block {int(key) + 1}" if str(key).isdigit() else str(key)
                here = f"{place}, {name}" if place else name
            yield from _flat(item, here)
    elif isinstance(data, list | tuple):
        for index, item in enumerate(data):
            if item is not None:
                here = place if isinstance(item, str) else f"{place}, item {index + 1}"
                yield from _flat(item, here)
    elif data:
        yield f"{place}: {data}" if place else str(data)
