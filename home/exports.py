"""Spreadsheets that editors download, from our reports and from Wagtail's."""

import re

from wagtail.admin.views.mixins import SpreadsheetExportMixin

# Where a program for spreadsheets begins a cell with what it takes for a formula
# (https://owasp.org/www-community/attacks/CSV_Injection): at the beginning, and after what
# separates cells in some countries.
FORMULA = re.compile(r"(?:^|(?<=[;\t\r\n|]))(?=[\"'\s\0]*[=+\-@＝＋－＠])|^(?=[\t\r\n])")
# How these programs themselves write that a cell is text.
TEXT = "'"


def as_text(value):
    """Return the value of a cell; a text that would be taken for a formula is marked as text."""
    return FORMULA.sub(TEXT, value) if isinstance(value, str) else value


def neutralise_formulas():
    """Mark the texts of each export, for some were typed by readers of the site."""
    preprocess = SpreadsheetExportMixin.preprocess_field_value

    def preprocess_field_value(self, field, value, export_format):
        return as_text(preprocess(self, field, value, export_format))

    SpreadsheetExportMixin.preprocess_field_value = preprocess_field_value
