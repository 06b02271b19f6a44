"""What a post's body is made of. The names of the blocks are stored with every post, for ever."""

from wagtail.blocks import StreamBlock

from blog import slugs

from .code import CodeBlock
from .media import DocumentBlock, EmbedBlock, GalleryBlock, PhotoBlock
from .table import TableBlock
from .text import (
    ANCHOR,
    RICH_TEXT_FEATURES,
    CalloutBlock,
    DividerBlock,
    HeadingBlock,
    NotesBlock,
    ParagraphBlock,
    QuoteBlock,
    RelatedBlock,
)

__all__ = [
    "RICH_TEXT_FEATURES",
    "BodyBlock",
    "CalloutBlock",
    "CodeBlock",
    "DividerBlock",
    "DocumentBlock",
    "EmbedBlock",
    "GalleryBlock",
    "HeadingBlock",
    "NotesBlock",
    "ParagraphBlock",
    "PhotoBlock",
    "QuoteBlock",
    "RelatedBlock",
    "TableBlock",
]


class BodyBlock(StreamBlock):
    """The body of a post or of a standard page."""

    paragraph = ParagraphBlock()
    heading = HeadingBlock()
    quote = QuoteBlock()
    photo = PhotoBlock()
    gallery = GalleryBlock()
    code = CodeBlock()
    table = TableBlock()
    embed = EmbedBlock()
    callout = CalloutBlock()
    document = DocumentBlock()
    divider = DividerBlock()
    related = RelatedBlock()
    notes = NotesBlock()

    class Meta:
        block_counts = {"notes": {"max_num": 1}}

    def clean(self, value):
        """Give each heading an anchor of its own, which stays when its text is changed."""
        for heading in (block.value for block in value if block.block_type == "heading"):
            # One that was made of a long text before anchors had to be short.
            heading["anchor"] = (heading.get("anchor") or "")[:ANCHOR]
        value = super().clean(value)
        taken = set()
        for heading in (block.value for block in value if block.block_type == "heading"):
            anchor = slugs.first_free(heading.fragment, lambda name: name not in taken, ANCHOR)
            taken.add(anchor)
            heading["anchor"] = anchor
        return value
