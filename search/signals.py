"""What changes the words of a page or who may read it."""

from django.db.models.signals import post_delete, post_save, pre_delete
from django.dispatch import receiver
from wagtail.models import Page, PageViewRestriction
from wagtail.search.backends import get_search_backends
from wagtail.search.signal_handlers import post_delete_signal_handler, post_save_signal_handler
from wagtail.signals import page_unpublished, post_page_move

from blog.models import Author, PostPage, Series, Tag
from search.backends.base import ReaderBackend

# What no search reads: what saving a draft writes to the page's own row, and the picture of a post.
UNREAD_FIELDS = {
    "share_card",
    "draft_title",
    "has_unpublished_changes",
    "latest_revision",
    "latest_revision_created_at",
}


def changed(pages) -> None:
    """Tell our backends that pages (a queryset of any page model) may read otherwise now."""
    backends = [
        backend
        for backend in get_search_backends(with_auto_update=True)
        if isinstance(backend, ReaderBackend)
    ]
    if backends:
        ids = list(pages.order_by().values_list("pk", flat=True))
        for backend in backends:
            backend.changed(ids)


@receiver(post_save, sender=PostPage)
def post_saved(update_fields, **kwargs):
    # An editor saves a draft every few seconds, and no reader's search knows drafts.
    if update_fields is None or not UNREAD_FIELDS.issuperset(update_fields):
        post_save_signal_handler(**kwargs)


@receiver(post_delete, sender=PostPage)
def post_deleted(**kwargs):
    post_delete_signal_handler(**kwargs)


@receiver([post_save, post_delete], sender=PageViewRestriction)
def privacy_changed(instance, **kwargs):
    changed(Page.objects.descendant_of(instance.page, inclusive=True))


@receiver(post_page_move)
def page_moved(instance, **kwargs):
    changed(Page.objects.descendant_of(instance, inclusive=True))


@receiver(page_unpublished)
def page_hidden(instance, **kwargs):
    changed(Page.objects.filter(pk=instance.pk))


@receiver(post_save, sender=Author)
@receiver(post_save, sender=Tag)
@receiver(post_save, sender=Series)
def subject_renamed(sender, instance, created, **kwargs):
    if not created:
        changed(posts_of(instance))


@receiver(pre_delete, sender=Author)
@receiver(pre_delete, sender=Tag)
@receiver(pre_delete, sender=Series)
def subject_goes(instance, **kwargs):
    # Afterwards nothing tells whose posts they were.
    instance.pages_it_leaves = list(posts_of(instance).order_by().values_list("pk", flat=True))


@receiver(post_delete, sender=Author)
@receiver(post_delete, sender=Tag)
@receiver(post_delete, sender=Series)
def subject_gone(instance, **kwargs):
    changed(Page.objects.filter(pk__in=instance.pages_it_leaves))


def posts_of(subject):
    if isinstance(subject, Author):
        return PostPage.objects.filter(bylines__author=subject)
    if isinstance(subject, Tag):
        return PostPage.objects.filter(tagged_items__tag=subject)
    return PostPage.objects.filter(series=subject)
