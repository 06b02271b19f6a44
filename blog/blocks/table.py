from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.contrib.typed_table_block.blocks import TypedTableBlock


class NumberBlock(blocks.CharBlock):
    """A figure, such as "27,323", "£1.2m" or "12 %", which is aligned to the right."""

    class Meta:
        icon = "order"
        label = _("Figures")


class TableBlock(TypedTableBlock):
    text = blocks.CharBlock(label=_("Text"), required=False)
    number = NumberBlock(required=False)
    rich_text = blocks.RichTextBlock(
        label=_("Rich text"), features=["bold", "italic", "link"], required=False
    )

    class Meta:
        template = "blog/blocks/table.html"
        icon = "table"
        label = _("Table")
        description = _("Rows and columns, with a caption that says what they show")

    def get_preview_value(self):
        return self.to_python(
            {
                "caption": "Vacancies by team",
                "columns": [
                    {"type": "text", "heading": "Team"},
                    {"type": "number", "heading": "Vacancies"},
                ],
                "rows": [{"values": ["North", "12"]}, {"values": ["South", "7"]}],
            }
        )
