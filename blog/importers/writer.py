"""Writes the posts of an archive into a blog, or updates those that were imported before."""

import itertools
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from django.apps import apps
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify
from wagtail.log_actions import log
from wagtail.models import Page, PageLogEntry, PageViewRestriction, ReferenceIndex, Revision
from wagtail.signal_handlers import disable_reference_index_auto_update

from blog.models import Author, Byline, Correction, PostPage, Series, Tag

from . import addresses, body, dialects, receipt
from .comments import Comments
from .imported import CONTROL_CHARACTERS, ImportedComment, ImportedPost, Status
from .media import MediaLibrary
from .pictures import Picture, originals
from .receipt import Entry, Receipt
from .rich_text import PLAIN_TAGS, text_html
from .survey import Survey

logger = logging.getLogger(__name__)

# The log entry of an import, which has the digest of the imported post.
IMPORT_ACTION = "blog.import"
# So many posts are written in one transaction: the page cache and the search are told of it once.
BATCH = 20
# In characters. A novel has a million.
LONGEST = 5_000_000


class CannotWriteError(Exception):
    """A post of an archive cannot be written."""


@dataclass
class Prepared:
    """A post whose text was translated, and whose pictures are in the library."""

    post: ImportedPost
    entry: Entry
    blocks: list[dict[str, Any]]
    cover: Any
    missing: list[str]
    text: str
    digest: str


class Writer:
    """
    Writes posts in the order of the archive, a few in each transaction.

    A post that was imported before is found by its source id. It is updated if it has changed in
    the archive and nobody has changed it on the site. `authors` are the slugs or names of the
    authors of posts that name none. `user` is recorded as the editor. Without `writes` nothing is
    changed, for a dry run.
    """

    def __init__(
        self,
        blog,
        survey: Survey,
        library: MediaLibrary,
        *,
        user=None,
        authors: tuple[str, ...] = (),
        writes: bool = True,
    ):
        self.blog = blog
        self.survey = survey
        self.library = library
        library.find_post = self._page_named
        self.user = user
        self.authors = authors
        self.writes = writes
        self.receipt = Receipt(left_out=survey.left_out, problems=survey.problems)
        self.block = PostPage._meta.get_field("body").stream_block
        self.named: dict[Any, Any] = {}
        self.comments = Comments()
        self.site = blog.get_site()
        # What was imported before, by source id.
        self.known: dict[str, dict[str, Any]] = {}
        entries = PageLogEntry.objects.filter(action=IMPORT_ACTION).order_by("pk")
        for key, page, moment, data in entries.values_list("pk", "page_id", "timestamp", "data"):
            self.known[data["source"]] = {"entry": key, "page": page, "moment": moment, **data}
        ids = PostPage.objects.exclude(source_id="").values_list("source_id", "pk")
        self.pages: dict[str, int] = dict(ids.iterator())
        others = {source: found["page"] for source, found in self.known.items()}
        there = set(Page.objects.values_list("pk", flat=True)) if others else set()
        self.pages |= {s: p for s, p in others.items() if p in there and s not in self.pages}

    def write(self, items: Iterable[object], progress: Callable[[int], None]) -> Receipt:
        """Write the posts and comments among the items. `progress` is called with a count."""
        posts = (item for item in self._without_comments(items) if isinstance(item, ImportedPost))
        while batch := list(itertools.islice(posts, BATCH)):
            # In no transaction, as pictures may be fetched meanwhile.
            prepared = [self._guarded(post, self._prepare, post) for post in batch]
            if self.writes:
                with transaction.atomic():
                    for one in filter(None, prepared):
                        self._guarded(one.post, self._write, one)
                    self.comments.write(self.pages)
            progress(len(batch))
        if self.writes:
            with transaction.atomic():
                self.comments.write(self.pages, last=True)
                self._redirect_attachments()
        lost = [one for one in self.comments.waiting if one.post not in self.survey.posts]
        if lost:
            self.receipt.left_out["comments on posts that are not in the archive"] = len(lost)
        self.receipt.comments = self.comments.counts
        if not self.writes:
            self.receipt.comments["written"] = self.receipt.comments["source"] - len(lost)
        return self.receipt

    def _without_comments(self, items: Iterable[object]) -> Iterator[object]:
        for item in items:
            if isinstance(item, ImportedComment):
                self.comments.add(item)
            else:
                yield item

    def _guarded(self, post: ImportedPost, step: Callable[..., Any], *arguments: Any) -> Any:
        """Return what `step` returns, or None after reporting why it failed."""
        self.made: list[str] = []
        try:
            return step(*arguments)
        except CannotWriteError as error:
            reason = str(error)
        except ValidationError as error:
            reason = "; ".join(_reasons(error))
        except Exception as error:
            # A post that fails must not stop the others.
            logger.exception("Importing %s failed", post.source_id)
            reason = f"{type(error).__name__}: {error}"
        # What was made for it was rolled back.
        self.named.clear()
        for source in self.made:
            del self.pages[source]
        self.receipt.add(Entry(post.source_id, post.title, "failed", reason=reason, file=post.file))
        return None

    # Before anything is written

    def _prepare(self, post: ImportedPost) -> Prepared | None:
        digest = post.digest()
        before = self.known.get(post.source_id, {})
        entry = Entry(
            post.source_id, post.title, "created", file=post.file, page=before.get("page")
        )
        pk = self.pages.get(post.source_id)
        page = Page.objects.filter(pk=pk).first() if pk else None
        self.library.begin(post)
        if before and page is None:
            entry.outcome, entry.reason = "left alone", "It was deleted here."
            self.receipt.add(entry)
            return None
        if page and page.latest_revision_id:
            if page.depth and not page.is_descendant_of(self._parent(post)):
                raise CannotWriteError(
                    f"It is already in {page.get_parent().title}, as {page.title}."
                )
            same = before.get("digest") == digest and not self._can_be_had(before)
            if self._is_edited(page, before):
                entry.outcome = "left alone"
                entry.reason = "It was changed here since it was imported." + (
                    "" if same else " The archive has another text."
                )
                self.receipt.add(entry)
                return None
            if same:
                entry.outcome = "unchanged"
                entry.losses = list(before.get("losses", ()))
                self.receipt.add(entry)
                return None
            entry.outcome = "updated"
        text = post.title + post.introduction + post.html
        if len(text) > LONGEST:
            raise CannotWriteError(
                f"It has {len(text):,} characters. A page of more than {LONGEST:,} is no post."
            )
        if found := CONTROL_CHARACTERS.search(text):
            entry.losses.append(f"The character U+{ord(found[0]):04X} was removed.")
        return self._translated(post, entry, digest)

    def _translated(self, post: ImportedPost, entry: Entry, digest: str) -> Prepared:
        """Return the blocks of a post, with what its text has and what they have counted."""
        self.library.missing = []
        children = self.survey.children.get(post.source_id, [])
        source, losses = dialects.translate(post, self.survey.attachments, lambda: children)
        source = CONTROL_CHARACTERS.sub("", source)
        found = body.read(source, self.library)
        blocks = found.blocks
        missing = list(self.library.missing)
        if len(post.title) > 255:
            losses.append("Its title has more than 255 characters; all of it begins the text.")
            blocks.insert(0, {"type": "paragraph", "value": f"<p>{text_html(post.title)}</p>"})
        cover = None
        if post.cover or post.cover_id:
            picture = Picture(tuple(originals(post.cover)) if post.cover else (), "", post.cover_id)
            cover = (
                self.library.photo(picture)
                if picture.addresses or post.cover_id in self.survey.attachments
                else None
            )
            if cover is None:
                losses.append(f"Its cover {post.cover or post.cover_id} is not here.")
                missing += [post.cover] if post.cover else []
        entry.losses += [*post.losses, *losses, *found.losses]
        text, _counts = receipt.of_source(dialects.shown(post, source))
        _text, entry.source = receipt.of_source(source)
        entry.source["characters"] = len(text)
        # A category and a tag may have the same name.
        entry.source["tags"] = len({name.casefold() for name in post.tags})
        written, entry.written = receipt.of_blocks(blocks)
        entry.written["tags"] = entry.source["tags"]
        if not self.writes:
            entry.missing = receipt.missing(text, written)
        if not blocks:
            entry.losses.append("It has no text.")
        if not self.writes:
            self.receipt.add(entry)
        return Prepared(post, entry, blocks, cover, missing, text, digest)

    def _is_edited(self, page: Page, before: dict[str, Any]) -> bool:
        if not before:
            return True
        if page.latest_revision_created_at and page.latest_revision_created_at > before["moment"]:
            return True
        later = PageLogEntry.objects.filter(page_id=page.pk, pk__gt=before["entry"])
        return later.filter(user__isnull=False).exclude(action=IMPORT_ACTION).exists()

    def _can_be_had(self, before: dict[str, Any]) -> bool:
        """Return whether something that a post lacked is there now, such as a picture."""
        return any(
            self._page_named(name) is not None
            or self.library.photo(Picture(tuple(originals(name)))) is not None
            for name in before.get("missing", ())
        )

    # Pages

    def _parent(self, post: ImportedPost):
        return self.blog.get_parent() if post.is_page else self.blog

    def _page_named(self, slug: str) -> int | None:
        """Return the key of the post with a slug in the archive or in the blog, or None."""
        key = ("slug", slug)
        if key not in self.named:
            by_slug = (s for s, known in self.survey.posts.items() if known.slug == slug)
            source = next(by_slug, "")
            there = (
                PostPage.objects.child_of(self.blog).filter(slug=slug).values_list("pk", flat=True)
            )
            found = self._page_of(source) if source and self.writes else there.first()
            if found is None:
                return None
            self.named[key] = found
        return self.named[key]

    def _page_of(self, source: str) -> int | None:
        """Return the key of the page of a post of the archive, made as a bare draft if need be."""
        if source not in self.pages and source in self.survey.posts and self.writes:
            known = self.survey.posts[source]
            post = ImportedPost(source, known.title, known.slug, is_page=known.is_page)
            page = self._new_page(post)
            page.live = False
            self._add(page, post)
        return self.pages.get(source)

    def _page_at(self, address: str) -> int | None:
        source = self.survey.source_of(address)
        return self._page_of(source) if source else None

    def _new_page(self, post: ImportedPost):
        title = " ".join(CONTROL_CHARACTERS.sub("", post.title).split())[:255]
        model = apps.get_model(settings.IMPORTED_PAGE_MODEL) if post.is_page else PostPage
        parent = self._parent(post)
        base = post.slug[:200] or "post"
        page = model(title=title or "Untitled", slug=base, owner=self.user)
        page.slug = self._free_slug(base, page, parent)
        if not post.is_page:
            page.source_id = post.source_id
        return page

    def _free_slug(self, base: str, page, parent) -> str:
        """Return the first of `base`, `base-2` … at which the page can be."""
        for number in itertools.count(1):
            page.slug = base if number == 1 else f"{base}-{number}"
            try:
                page.check_slug()
            except ValidationError:
                continue
            if PostPage._slug_is_available(page.slug, parent):
                return page.slug
        raise AssertionError

    def _add(self, page, post: ImportedPost) -> None:
        parent = self._parent(post)
        # Loaded again, as a page that could not be added leaves a wrong `numchild`.
        type(parent).objects.get(pk=parent.pk).add_child(instance=page)
        self.pages[post.source_id] = page.pk
        self.made.append(post.source_id)

    @transaction.atomic
    def _write(self, prepared: Prepared) -> None:
        post, entry = prepared.post, prepared.entry
        pk = self.pages.get(post.source_id)
        page = Page.objects.get(pk=pk).specific if pk else self._new_page(post)
        if page.slug != post.slug[:200] and not pk:
            entry.losses.append(f"It is at …/{page.slug}/, as …/{post.slug}/ is taken.")
        page.body = self._clean_body(prepared)
        # Otherwise it is worked out again for each tag and each author of the post.
        with disable_reference_index_auto_update():
            if post.is_page:
                self._publish_page(page, post)
            else:
                self._publish_post(page, prepared)
        ReferenceIndex.create_or_update_for_object(page)
        addresses.redirect(post.addresses, page, self.site)
        data = {
            "source": post.source_id,
            "digest": prepared.digest,
            "missing": prepared.missing[:100],
            "losses": entry.losses[:50],
        }
        log(page, IMPORT_ACTION, user=self.user, data=data, revision=page.latest_revision)
        if not post.title:
            entry.losses.append(f"It had no title, and is called “{page.title}”.")
        entry.page = page.pk
        entry.title = page.title
        text, entry.written = receipt.of_blocks(page.body.get_prep_value())
        entry.missing = receipt.missing(prepared.text, text)
        entry.written["tags"] = 0 if post.is_page else len(page.tags.all())
        if post.is_page:
            entry.source["tags"] = 0
        self.receipt.add(entry)

    def _clean_body(self, prepared: Prepared):
        """Return the body. A block that an editor could not save becomes a paragraph."""
        blocks = self._linked(prepared.blocks)
        if not blocks:
            return []
        try:
            return self.block.clean(self.block.to_python(blocks))
        except ValidationError:
            kept = []
            for block in blocks:
                try:
                    self.block.clean(self.block.to_python([block]))
                    kept.append(block)
                except ValidationError as error:
                    reason = "; ".join(_reasons(error))
                    prepared.entry.losses.append(f"A block became a paragraph: {reason}.")
                    if text := body.rich_text_of(block):
                        kept.append({"type": "paragraph", "value": text})
            return self.block.clean(self.block.to_python(kept)) if kept else []

    def _linked(self, value: Any) -> Any:
        """Return raw blocks in which links to imported posts are links to their pages."""
        if isinstance(value, str):
            return addresses.link_pages(value, self._page_at) if "<a href=" in value else value
        if isinstance(value, Mapping):
            return {key: self._linked(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self._linked(item) for item in value]
        return value

    def _title_of(self, page, post: ImportedPost) -> str:
        title = " ".join(CONTROL_CHARACTERS.sub("", post.title).split())[:255]
        first = body.first_words(page.body.get_prep_value()) if not title else ""
        return title or first or "Untitled"

    def _publish_page(self, page, post: ImportedPost) -> None:
        page.title = page.draft_title = self._title_of(page, post)
        page.introduction = post.introduction
        page.live = post.status in {Status.LIVE, Status.PRIVATE}
        self._save(page, post, page.live)

    def _publish_post(self, page, prepared: Prepared) -> None:
        """Save a post with its revision, and give it its status as an editor would."""
        post = prepared.post
        is_new = not page.latest_revision_id
        go_live_at = post.go_live_at
        visible = post.status in {Status.LIVE, Status.PRIVATE, Status.EXPIRED}
        if visible and post.published_at and post.published_at > timezone.now():
            go_live_at = post.published_at
        if post.status is Status.SCHEDULED and go_live_at is None:
            raise CannotWriteError("It is scheduled, and no moment is given.")
        if len(post.introduction) > 1000:
            raise CannotWriteError("Its introduction has more than 1,000 characters.")
        page.title = page.draft_title = self._title_of(page, post)
        page.published_at = post.published_at
        page.introduction = CONTROL_CHARACTERS.sub("", post.introduction)
        page.series = self._named(Series, "title", post.series) if post.series else None
        page.cover_id = prepared.cover
        page.go_live_at = go_live_at
        page.expire_at = post.expire_at
        page.updated_at = post.updated_at
        page.gone = post.gone
        if post.corrections or not is_new:
            page.corrections = [
                Correction(date=note.date, text=body.clean(note.text, PLAIN_TAGS), sort_order=order)
                for order, note in enumerate(post.corrections)
            ]
        page.tags.set([self._tag(name) for name in post.tags])
        if names := post.authors or (self.authors if is_new else ()):
            writers = dict.fromkeys(self._named(Author, "name", name) for name in names)
            page.bylines = [
                Byline(author=author, sort_order=order) for order, author in enumerate(writers)
            ]
        now = visible and not (go_live_at and go_live_at > timezone.now())
        later = post.status is Status.SCHEDULED or (visible and not now)
        self._save(page, post, now)
        if later:
            page.latest_revision.publish(user=self.user)
        if post.status is Status.EXPIRED:
            page.unpublish(
                set_expired=True, user=self.user, log_action="wagtail.unpublish.scheduled"
            )
        if post.status is Status.IN_REVIEW and not page.workflow_in_progress:
            workflow = page.get_workflow()
            if workflow is None:
                raise CannotWriteError("It is in review, and the blog has no workflow.")
            workflow.start(page, self.user)

    def _save(self, page, post: ImportedPost, is_live: bool) -> None:
        """
        Save a page with a revision, which is live if the page is.

        Nobody is told of the publishing of an old post: no hub, no search engine.
        """
        page.live = is_live
        page.has_unpublished_changes = not is_live
        if is_live:
            page.first_published_at = page.first_published_at or post.published_at
            page.last_published_at = timezone.now()
        if page.pk:
            page.save()
        else:
            self._add(page, post)
        self._restrict(page, post)
        # As `save_revision` does it, without saving the whole page and all that hears of it again.
        revision = Revision.objects.create(
            content_object=page,
            base_content_type=page.get_base_content_type(),
            user=self.user,
            content=page.serializable_data(),
            object_str=str(page),
        )
        values = {
            "latest_revision": revision,
            "latest_revision_created_at": revision.created_at,
            "live_revision": revision if is_live else page.live_revision,
        }
        Page.objects.filter(pk=page.pk).update(**values)
        for name, value in values.items():
            setattr(page, name, value)
        if is_live:
            log(page, "wagtail.publish", user=self.user, revision=revision)

    def _restrict(self, page, post: ImportedPost) -> None:
        """Restrict a private post by its password or to users, before it goes live."""
        found = PageViewRestriction.objects.filter(page=page)
        if post.status is not Status.PRIVATE:
            if post.source_id in self.known:
                found.delete()
            return
        found.delete()
        kind = PageViewRestriction.PASSWORD if post.password else PageViewRestriction.LOGIN
        PageViewRestriction(page=page, restriction_type=kind, password=post.password).save(
            user=self.user
        )

    def _named(self, model, attribute: str, name: str):
        """Return the author or series with a slug or name. Create it if there is none."""
        key = (model, name.casefold())
        if key in self.named:
            return self.named[key]
        name = " ".join(name.split())[:150]
        found = model.objects.filter(slug=name).first()
        found = found or model.objects.filter(**{f"{attribute}__iexact": name}).first()
        if found is None:
            if slugify(name, allow_unicode=True) == name:
                words = name.replace("-", " ")
                name = words.title() if model is Author else words.capitalize()
            found = model(**{attribute: name}, slug=self._old_slug(model, name))
            found.full_clean()
            found.save()
            self.receipt.notes.append(f"{model._meta.verbose_name.capitalize()} made: {name}.")
        self.named[key] = found
        return found

    def _old_slug(self, model, name: str) -> str:
        """Return the slug that a tag or an author had, so that its address stays; or ""."""
        slug = slugify(unquote(self.survey.slugs.get(name, "")), allow_unicode=True)[:100]
        return "" if model.objects.filter(slug=slug).exists() else slug

    def _tag(self, name: str) -> Tag:
        key = (Tag, name.casefold())
        if key not in self.named:
            tag = Tag.objects.filter(name__iexact=name[:100]).first()
            if tag is None:
                tag = Tag(name=name[:100], slug=self._old_slug(Tag, name))
                tag.full_clean()
                tag.save()
            self.named[key] = tag
        return self.named[key]

    def _redirect_attachments(self) -> None:
        """Let the pages that showed an attachment lead to its post."""
        for source, files in self.survey.children.items():
            if page := Page.objects.filter(pk=self.pages.get(source)).first():
                old = [address for file in files for address in file.addresses if address]
                addresses.redirect(old, page, self.site)


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
