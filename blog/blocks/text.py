from django.core.validators import RegexValidator
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail import blocks

from blog import slugs

# The features for which the design has styles.
RICH_TEXT_FEATURES = [
    "bold",
    "italic",
    "link",
    "document-link",
    "ol",
    "ul",
    "code",
    "superscript",
    "subscript",
    "strikethrough",
]

# The maximal length of a heading's anchor.
ANCHOR = 100


class ParagraphBlock(blocks.RichTextBlock):
    def __init__(self, **kwargs):
        kwargs.setdefault("features", RICH_TEXT_FEATURES)
        super().__init__(**kwargs)

    class Meta:
        template = "blog/blocks/paragraph.html"
        icon = "pilcrow"
        label = _("Paragraph")
        description = _("Plain writing: paragraphs, lists, links, emphasis")
        preview_value = "<p>Three councils tried it, and <b>two of them</b> kept the notes.</p>"


class HeadingValue(blocks.StructValue):
    @cached_property
    def fragment(self):
        """The fragment of the address that leads to the heading."""
        return self.get("anchor") or slugs.slug_from(self.get("text") or "", "section", ANCHOR)

    @property
    def rank(self):
        """Its level among a page's headings: 2, or 3 for a section within a section."""
        return 3 if self.get("level") == "3" else 2


class HeadingBlock(blocks.StructBlock):
    text = blocks.CharBlock(label=_("Text"), max_length=200)
    level = blocks.ChoiceBlock(
        label=_("Level"),
        choices=[("2", _("Section")), ("3", _("Section within a section"))],
        default="2",
    )
    anchor = blocks.CharBlock(
        label=_("Anchor"),
        required=False,
        max_length=ANCHOR,
        validators=[RegexValidator(r"^[\w-]+$", _("Use letters, digits and hyphens only."))],
        help_text=_("The end of the address that leads here. Made from the text when empty."),
    )

    class Meta:
        template = "blog/blocks/heading.html"
        icon = "title"
        label = _("Heading")
        label_format = "{text}"
        description = _("Begins a section; readers can link to it")
        value_class = HeadingValue
        preview_value = {"text": "What the inspectors saw", "level": "2", "anchor": ""}


class QuoteBlock(blocks.StructBlock):
    text = blocks.RichTextBlock(label=_("Text"), features=["bold", "italic", "link"])
    source = blocks.CharBlock(label=_("Source"), required=False, max_length=250)
    url = blocks.URLBlock(label=_("Address of the source"), required=False)

    class Meta:
        template = "blog/blocks/quote.html"
        icon = "openquote"
        label = _("Quotation")
        description = _("Somebody else's words, with who said them and where")
        preview_value = {
            "text": "<p>We counted the visits. Nobody had asked us to count what they changed.</p>",
            "source": "A team manager",
            "url": "",
        }


class CalloutBlock(blocks.StructBlock):
    kind = blocks.ChoiceBlock(
        label=_("Kind"),
        choices=[("note", _("Note")), ("key", _("Key point")), ("warning", _("Warning"))],
        default="note",
    )
    title = blocks.CharBlock(label=_("Title"), required=False, max_length=150)
    text = blocks.RichTextBlock(label=_("Text"), features=RICH_TEXT_FEATURES)

    class Meta:
        template = "blog/blocks/callout.html"
        icon = "info-circle"
        label = _("Call-out")
        label_format = "{title}"
        description = _("A remark that stands beside the text")
        preview_value = {
            "kind": "key",
            "title": "In one sentence",
            "text": "<p>Caseloads fell where people stayed, not where posts were added.</p>",
        }


class DividerBlock(blocks.StaticBlock):
    class Meta:
        template = "blog/blocks/divider.html"
        icon = "minus"
        label = _("Divider")
        description = _("A pause between two parts")
        admin_text = _("A line between two parts")
        preview_value = None


class RelatedBlock(blocks.StructBlock):
    title = blocks.CharBlock(label=_("Title"), required=False, max_length=150)
    posts = blocks.ListBlock(
        blocks.PageChooserBlock(page_type="blog.PostPage", label=_("Post")),
        label=_("Posts"),
        min_num=1,
    )

    @property
    def all_posts(self):
        return self.child_blocks["posts"].child_block.target_model.objects

    def get_context(self, value, parent_context=None):
        context = super().get_context(value, parent_context=parent_context)
        chosen = [post.pk for post in value["posts"] if post is not None]
        published = self.all_posts.published().filter(pk__in=chosen).in_bulk()
        context["posts"] = [published[pk] for pk in chosen if pk in published]
        return context

    def get_preview_value(self):
        return self.to_python({"title": "Read next", "posts": []})

    def get_preview_context(self, value, parent_context=None):
        context = super().get_preview_context(value, parent_context=parent_context)
        context["posts"] = self.all_posts.published()[:3]
        return context

    class Meta:
        template = "blog/blocks/related.html"
        icon = "list-ul"
        label = _("Related posts")
        label_format = "{title}"
        description = _("A list of posts that you choose")


class NotesBlock(blocks.ListBlock):
    """Footnotes: `[^1]` in the text refers to the first of them."""

    def __init__(self, child_block=None, **kwargs):
        child_block = child_block or blocks.RichTextBlock(features=["bold", "italic", "link"])
        super().__init__(child_block, **kwargs)

    class Meta:
        template = "blog/blocks/notes.html"
        icon = "superscript"
        label = _("Notes")
        description = _("Footnotes: write [^1] in the text where the first belongs")
        preview_value = ["<p>The council's own figure, from its answer of 3 March.</p>"]
