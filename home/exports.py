"""Protection of the spreadsheets that editors download against formulas in their cells."""

import re

from wagtail.admin.views.mixins import SpreadsheetExportMixin

# Where a spreadsheet program may find a formula
# (https://owasp.org/www-community/attacks/CSV_Injection): at the beginning of a cell, and after a
# character that separates cells in some countries.
FORMULA = re.compile(r"(?:^|(?<=[;\t\r\n|]))(?=[\"'\s\0]*[=+\-@＝＋－＠])|^(?=[\t\r\n])")
# What these programs put before the text of a cell that is not a formula.
TEXT = "'"


def as_text(value):
    """Return the value of a cell, with a mark if it could be taken for a formula."""
    return FORMULA.sub(TEXT, value) if isinstance(value, str) else value


def neutralise_formulas():
    """Make all exports of Wagtail use `as_text`, as some values were typed by readers."""
    preprocess = SpreadsheetExportMixin.preprocess_field_value

    def preprocess_field_value(self, field, value, export_format):
        return as_text(preprocess(self, field, value, export_format))

    SpreadsheetExportMixin.preprocess_field_value = preprocess_field_value
