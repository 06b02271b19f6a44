"""The report of links and choices in live pages that lead to a page that is not live."""

from collections import defaultdict

from django.contrib.contenttypes.models import ContentType
from django.db.models import CharField
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.ui.tables import Column, TitleColumn
from wagtail.admin.views.reports import ReportView
from wagtail.models import Page, ReferenceIndex
from wagtail.permission_policies.pages import PagePermissionPolicy


def broken_references():
    """
    Return the references of live pages to pages that are not live.

    Wagtail's index forgets those to pages that were deleted.
    """
    live = Page.objects.live().order_by().annotate(key=Cast("pk", CharField())).values("key")
    page_models = [model for model in ContentType.objects.all() if is_page(model)]
    return ReferenceIndex.objects.filter(
        base_content_type=ContentType.objects.get_for_model(Page),
        object_id__in=live,
        to_content_type__in=page_models,
    ).exclude(to_object_id__in=live)


def is_page(content_type):
    return issubclass(content_type.model_class() or object, Page)


def edit_url(page):
    return reverse("wagtailadmin_pages:edit", args=[page.pk])


class BrokenLinksView(ReportView):
    model = Page
    page_title = gettext_lazy("Broken links")
    header_icon = "link"
    index_url_name = "broken_links"
    index_results_url_name = "broken_links_results"
    columns = [
        TitleColumn("title", label=gettext_lazy("Page"), get_url=edit_url),
        Column("broken_links", label=gettext_lazy("Leads to")),
    ]
    list_export = ["title", "broken_links"]
    export_headings = {"broken_links": gettext_lazy("Leads to")}

    def get_base_queryset(self):
        pages = PagePermissionPolicy().instances_user_has_any_permission_for(
            self.request.user, {"change"}
        )
        keys = [int(key) for key in broken_references().values_list("object_id", flat=True)]
        return pages.filter(pk__in=keys).order_by("-first_published_at", "-pk")

    def decorate_paginated_queryset(self, pages):
        keys = [str(page.pk) for page in pages]
        found = broken_references().filter(object_id__in=keys)
        pairs = set(found.values_list("object_id", "to_object_id"))
        titles = Page.objects.in_bulk([int(to) for _from, to in pairs])
        targets = defaultdict(list)
        for key, to in sorted(pairs):
            targets[key].append(_("“%(title)s”, which is not live") % {"title": titles[int(to)]})
        for page in pages:
            page.broken_links = "; ".join(targets[str(page.pk)])
        return pages
