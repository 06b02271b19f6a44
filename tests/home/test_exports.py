"""No spreadsheet that is downloaded calculates what a reader or a writer typed."""

import csv
import io

import openpyxl
import pytest
from django.urls import URLResolver, get_resolver, reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from wagtail.admin.views.mixins import SpreadsheetExportMixin
from wagtail.contrib.redirects.models import Redirect
from wagtail.contrib.search_promotions.models import Query
from wagtail.log_actions import log

from home.exports import as_text
from search.models import ChangedSearch, SearchedDay

FORMULAS = [
    '=HYPERLINK("https://evil.example","Click")',
    "+1+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(1)",
    "\t=1+1",
    "\r=1+1",
    " =1+1",
    '"=1+1',
    "＝1+1",
    "harmless;=1+1",
    "harmless\n=1+1",
]

BEGINNINGS = set("=+-@\t\r＝＋－＠")


def exporting_views(patterns, prefix=""):
    for each in patterns:
        if isinstance(each, URLResolver):
            name = f"{prefix}{each.namespace}:" if each.namespace else prefix
            yield from exporting_views(each.url_patterns, name)
        else:
            view = getattr(each.callback, "view_class", None)
            if view and issubclass(view, SpreadsheetExportMixin) and not each.pattern.converters:
                yield prefix + each.name


EXPORTS = sorted(set(exporting_views(get_resolver().url_patterns)))


def cells(response):
    """All cells of a downloaded spreadsheet, also as it is read where `;` separates them."""
    if "csv" in response["Content-Type"]:
        text = b"".join(response.streaming_content).decode()
        for delimiter in (",", ";", "\t"):
            for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
                yield from row
    else:
        book = openpyxl.load_workbook(io.BytesIO(b"".join(response.streaming_content)))
        for row in book.active.iter_rows():
            for cell in row:
                assert cell.data_type != "f"
                yield cell.value


@pytest.fixture
def typed(db, write, administrator):
    """Formulas wherever somebody can type one."""
    for number, formula in enumerate(FORMULAS):
        today = timezone.localdate()
        SearchedDay.objects.create(query=formula, day=today, searches=1, without_result=1)
        ChangedSearch.objects.create(query=formula, then=formula, day=today, times=1)
        Query.get(formula).add_hit()
        Redirect.objects.create(old_path=f"/{number}", redirect_link=formula)
        post = write(formula, slug=f"post-{number}")
        post.save_revision(user=administrator).publish(user=administrator)
        log(post, "wagtail.edit", user=administrator)
    administrator.first_name = FORMULAS[0]
    administrator.save()


class ExportTests:
    def test_exports_of_ours_and_of_wagtails_are_found(self):
        assert {"search_top", "search_changed", "wagtailredirects:index"} <= set(EXPORTS)

    @pytest.mark.parametrize("kind", ["csv", "xlsx"])
    def test_no_cell_begins_a_formula(self, kind, typed, administrator, client):
        client.force_login(administrator)
        seen = 0
        for name in EXPORTS:
            response = client.get(reverse(name), {"export": kind})
            if "html" in response["Content-Type"]:
                # A list without an export.
                continue
            for cell in cells(response):
                text = str(cell or "")
                seen += "HYPERLINK" in text
                assert text.lstrip(" \0")[:1] not in BEGINNINGS, (name, text)
        assert seen

    @given(st.text())
    def test_other_text_is_left_alone(self, text):
        marked = as_text(text)
        assert marked.replace("'", "") == text.replace("'", "")
        assert marked[:1] not in BEGINNINGS

    def test_numbers_stay_numbers(self):
        assert as_text(-5) == -5
        assert as_text("Tea – and toast") == "Tea – and toast"
        assert as_text("a-b = c") == "a-b = c"
