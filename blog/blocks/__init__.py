"""What a post's body is made of. The names of the blocks are stored with every post, for ever."""

from wagtail.blocks import StreamBlock

from blog import slugs

from .code import CodeBlock
from .media import DocumentBlock, EmbedBlock, GalleryBlock, PhotoBlock
from .table import TableBlock
from .text import (
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
        value = super().clean(value)
        taken = set()
        for block in value:
            if block.block_type == "heading":
                anchor = slugs.free(block.value.fragment, lambda name: name not in taken)
                taken.add(anchor)
                block.value["anchor"] = anchor
        return value
