from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound
from wagtail import blocks

# fmt: off
NAMES = [
    "Bash", "C", "CSS", "Diff", "Go", "HTML", "INI", "Java", "JavaScript", "JSON", "Markdown",
    "PHP", "Python", "R", "Ruby", "Rust", "SQL", "TOML", "TypeScript", "XML", "YAML",
]
# fmt: on
LANGUAGES = [("text", _("Plain text")), *((name.lower(), name) for name in NAMES)]


class CodeValue(blocks.StructValue):
    @property
    def highlighted(self):
        """The code as HTML with the short class names of Pygments."""
        try:
            lexer = get_lexer_by_name(self.get("language") or "text", stripnl=False)
        except ClassNotFound:
            lexer = get_lexer_by_name("text", stripnl=False)
        # The formatter escapes the code.
        return mark_safe(highlight(self.get("code") or "", lexer, HtmlFormatter(nowrap=True)))  # noqa: S308

    @property
    def language_name(self):
        return dict(LANGUAGES).get(self.get("language"), "")


class CodeBlock(blocks.StructBlock):
    language = blocks.ChoiceBlock(label=_("Language"), choices=LANGUAGES, default="text")
    code = blocks.TextBlock(label=_("Code"), rows=8)
    caption = blocks.CharBlock(label=_("Caption"), required=False, max_length=250)

    class Meta:
        template = "blog/blocks/code.html"
        icon = "code"
        label = _("Code")
        label_format = "{language}"
        description = _("Program text, coloured for its language")
        value_class = CodeValue
        preview_value = {
            "language": "python",
            "code": "vacancies = sum(team.posts - team.people for team in teams)",
            "caption": "",
        }
