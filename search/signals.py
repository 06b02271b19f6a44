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


@receiver(page_unpublished)
def page_hidden(instance, **kwargs):
    changed([instance.pk])


@receiver([post_save, post_delete], sender=Correction)
def post_corrected(instance, **kwargs):
    changed([instance.post_id])


@receiver(post_save, sender=Author)
@receiver(post_save, sender=Tag)
@receiver(post_save, sender=Series)
def subject_renamed(instance, created, **kwargs):
    if not created:
        changed(posts_of(instance))


# Before, as afterwards nothing tells whose posts they were. It is taken in after the commit.
@receiver(pre_delete, sender=Author)
@receiver(pre_delete, sender=Tag)
@receiver(pre_delete, sender=Series)
def subject_goes(instance, **kwargs):
    changed(posts_of(instance))


def posts_of(subject):
    if isinstance(subject, Author):
        return PostPage.objects.filter(bylines__author=subject)
    if isinstance(subject, Tag):
        return PostPage.objects.filter(tagged_items__tag=subject)
    return PostPage.objects.filter(series=subject)
