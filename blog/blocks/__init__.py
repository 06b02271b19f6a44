"""The blocks of a body. Their names are stored in the database and must not be changed."""

from wagtail.blocks import StreamBlock

from blog import slugs

from .code import CodeBlock
from .media import DocumentBlock, EmbedBlock, GalleryBlock, PhotoBlock
from .table import TableBlock
from .text import (
    ANCHOR,
    CalloutBlock,
    DividerBlock,
    HeadingBlock,
    NotesBlock,
    ParagraphBlock,
    QuoteBlock,
    RelatedBlock,
)


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
        """Give each heading a unique anchor, which stays when its text is changed."""
        for heading in (block.value for block in value if block.block_type == "heading"):
            # It may have been stored when anchors could be longer.
            heading["anchor"] = (heading.get("anchor") or "")[:ANCHOR]
        value = super().clean(value)
        taken = set()
        for heading in (block.value for block in value if block.block_type == "heading"):
            anchor = slugs.first_free(heading.fragment, lambda name: name not in taken, ANCHOR)
            taken.add(anchor)
            heading["anchor"] = anchor
        return value
