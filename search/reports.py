"""What editors see of the readers' searches, under Reports."""

from django.db.models import Count, Max, Sum
from django.db.models.functions import TruncWeek
from django.forms import Media
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from django_filters import DateFromToRangeFilter
from wagtail.admin.auth import permission_denied
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet
from wagtail.admin.ui.tables import Column, NumberColumn
from wagtail.admin.views.reports import ReportView
from wagtail.contrib.search_promotions.models import Query
from wagtail.contrib.search_promotions.views import CreateView
from wagtail.search.utils import normalise_query_string

from search.models import ChangedSearch, SearchedDay
from search.question import normalised


def may_see(user) -> bool:
    """Those who may promote pages or add synonyms."""
    return user.has_perm("wagtailsearchpromotions.add_searchpromotion") or user.has_perm(
        "search.add_synonym"
    )


class ActionsColumn(Column):
    """Links to promote a page for a query, and to add a synonym of its words."""

    cell_template_name = "search/reports/actions.html"

    def get_cell_context_data(self, instance, parent_context):
        context = super().get_cell_context_data(instance, parent_context)
        query = instance["query"]
        context["promote_url"] = reverse("search_promote") + "?" + urlencode({"query": query})
        words = [query] + ([instance["then"]] if "then" in instance else [])
        add = reverse("wagtailsnippets_search_synonym:add")
        context["synonym_url"] = f"{add}?{urlencode({'words': ', '.join(words) + ', '})}"
        return context


class DayColumn(Column):
    """A day as it is called: how long ago it was says little of a day or a week."""

    def get_value(self, instance):
        return date_format(instance[self.accessor])


class QueryColumn(Column):
    def get_value(self, instance):
        query = instance[self.accessor]
        address = reverse("search") + "?" + urlencode({"q": query})
        return format_html('<a href="{}">{}</a>', address, query)


class DayFilterSet(WagtailFilterSet):
    day = DateFromToRangeFilter(label=_("Date"), widget=DateRangePickerWidget)

    class Meta:
        # Changed searches have days as well.
        model = SearchedDay
        fields = ["day"]


class SearchReport(ReportView):
    """One of the reports; each row is a dict of sums over the chosen days."""

    header_icon = "search"
    filterset_class = DayFilterSet
    model = SearchedDay
    # Of its rows, which are sums over days.
    verbose_name_plural = _("queries")

    def dispatch(self, request, *args, **kwargs):
        if not may_see(request.user):
            return permission_denied(request)
        return super().dispatch(request, *args, **kwargs)

    def get_filtered_queryset(self):
        return self.rows(self.get_queryset().order_by())

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        context["media"] += Media(css={"all": ["search/reports.css"]})
        return context


class TopSearches(SearchReport):
    page_title = _("Top searches")
    index_url_name = "search_top"
    index_results_url_name = "search_top_results"
    columns = [
        QueryColumn("query", label=_("Query")),
        NumberColumn("times", label=_("Searches")),
        NumberColumn("failures", label=_("Without a result")),
        DayColumn("last", label=_("Last asked")),
        ActionsColumn("actions", label=_("Help")),
    ]
    list_export = ["query", "times", "failures", "last"]

    def rows(self, queryset):
        return (
            queryset.values("query")
            .annotate(times=Sum("searches"), failures=Sum("without_result"), last=Max("day"))
            .order_by("-times", "query")
        )


class FailedSearches(TopSearches):
    page_title = _("Searches without a result")
    index_url_name = "search_failed"
    index_results_url_name = "search_failed_results"

    def rows(self, queryset):
        return super().rows(queryset).filter(failures__gt=0).order_by("-failures", "query")


class ChangedSearches(SearchReport):
    page_title = _("Changed searches")
    index_url_name = "search_changed"
    index_results_url_name = "search_changed_results"
    model = ChangedSearch
    columns = [
        QueryColumn("query", label=_("Query")),
        QueryColumn("then", label=_("Followed by")),
        NumberColumn("times_sum", label=_("Times")),
        ActionsColumn("actions", label=_("Help")),
    ]
    list_export = ["query", "then", "times_sum"]

    def rows(self, queryset):
        return (
            queryset.values("query", "then")
            .annotate(times_sum=Sum("times"))
            .order_by("-times_sum", "query", "then")
        )


class SearchTrend(SearchReport):
    page_title = _("Searches by week")
    verbose_name_plural = _("weeks")
    index_url_name = "search_trend"
    index_results_url_name = "search_trend_results"
    columns = [
        DayColumn("week", label=_("Week from")),
        NumberColumn("times", label=_("Searches")),
        NumberColumn("different", label=_("Different queries")),
        NumberColumn("failures", label=_("Without a result")),
    ]
    list_export = ["week", "times", "different", "failures"]

    def rows(self, queryset):
        return (
            queryset.annotate(week=TruncWeek("day"))
            .values("week")
            .annotate(
                times=Sum("searches"),
                different=Count("query", distinct=True),
                failures=Sum("without_result"),
            )
            .order_by("-week")
        )


REPORTS = [TopSearches, FailedSearches, ChangedSearches, SearchTrend]


class PromoteView(CreateView):
    """Wagtail's form for the pages that a query brings up first, begun with the query."""

    def get(self, request, *args, **kwargs):
        text = normalise_query_string(self.get_initial()["query_string"])
        if query := Query.objects.filter(query_string=text).first():
            return redirect("wagtailsearchpromotions:edit", query.pk)
        return super().get(request, *args, **kwargs)

    def get_initial(self):
        return {"query_string": normalised(self.request.GET.get("query", ""))}
