"""What changes the words of a page or who may read it."""

from django.db.models import QuerySet
from django.db.models.signals import post_delete, post_save, pre_delete
from django.dispatch import receiver
from wagtail.models import Page, PageViewRestriction
from wagtail.search.signal_handlers import post_delete_signal_handler, post_save_signal_handler
from wagtail.signals import page_unpublished, post_page_move

from blog.models import Author, Correction, PostPage, Series, Tag
from blog.unseen import DRAFT_FIELDS, is_unseen
from search.engine import reader_copy

# How posts have what they are about.
POSTS_OF = {Author: "bylines__author", Tag: "tagged_items__tag", Series: "series"}


def changed(pages) -> None:
    """Note that pages (their ids, or a queryset of any page model) may read otherwise now."""
    if copy := reader_copy():
        if isinstance(pages, QuerySet):
            pages = pages.order_by().values_list("pk", flat=True)
        copy.changed(pages)


@receiver(post_save)
def page_saved(sender, instance, update_fields, raw=False, **kwargs):
    if raw or not issubclass(sender, Page) or is_unseen():
        return
    # An editor saves a draft every few seconds, and no reader's search knows drafts.
    if update_fields is not None and DRAFT_FIELDS.issuperset(update_fields):
        return
    if sender is PostPage:
        # For Wagtail's other backends; other models say so by themselves.
        post_save_signal_handler(instance, **kwargs)
    changed([instance.pk])


@receiver(pre_delete, sender=Page)
@receiver(page_unpublished)
def page_goes(instance, **kwargs):
    changed([instance.pk])


@receiver(post_delete, sender=PostPage)
def post_deleted(**kwargs):
    post_delete_signal_handler(**kwargs)


@receiver([post_save, post_delete], sender=PageViewRestriction)
def privacy_changed(instance, **kwargs):
    changed(Page.objects.descendant_of(instance.page, inclusive=True))


@receiver(post_page_move)
def page_moved(instance, **kwargs):
    changed(Page.objects.descendant_of(instance, inclusive=True))


@receiver([post_save, post_delete], sender=Correction)
def post_corrected(instance, **kwargs):
    changed([instance.post_id])


@receiver([post_save, pre_delete], sender=Author)
@receiver([post_save, pre_delete], sender=Tag)
@receiver([post_save, pre_delete], sender=Series)
def subject_changed(sender, instance, created=False, **kwargs):
    # Before one is deleted, as afterwards nothing tells whose posts they were.
    if not created:
        changed(PostPage.objects.filter(**{POSTS_OF[sender]: instance}))
