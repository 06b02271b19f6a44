from django.urls import path, reverse_lazy
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import CreateView, SnippetViewSet

from search import reports
from search.models import Synonym


class SynonymCreateView(CreateView):
    def get_initial_form_instance(self):
        # A report's link brings the words of a query.
        return Synonym(words=self.request.GET.get("words", "")[:500])


class SynonymViewSet(SnippetViewSet):
    model = Synonym
    icon = "redirect"
    add_view_class = SynonymCreateView


register_snippet(SynonymViewSet)


class ReportMenuItem(MenuItem):
    def is_shown(self, request):
        return reports.may_see(request.user)


@hooks.register("register_admin_urls")
def register_report_addresses():
    paths = [
        path("reports/searches/promote/", reports.PromoteView.as_view(), name="search_promote")
    ]
    for report in reports.REPORTS:
        name = report.index_url_name
        address = f"reports/searches/{name.removeprefix('search_')}/"
        paths += [
            path(address, report.as_view(), name=name),
            path(f"{address}results/", report.as_view(results_only=True), name=f"{name}_results"),
        ]
    return paths


for order, report in enumerate(reports.REPORTS, 1310):
    item = ReportMenuItem(
        report.page_title,
        reverse_lazy(report.index_url_name),
        name=report.index_url_name.replace("_", "-"),
        icon_name="search",
        order=order,
    )
    hooks.register("register_reports_menu_item", lambda item=item: item)


@hooks.register("construct_reports_menu")
def hide_wagtails_own_report(request, menu_items):
    # It counts with rows that are written in the reader's request, which does not happen here.
    menu_items[:] = [item for item in menu_items if item.name != "search-terms"]
