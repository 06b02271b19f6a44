from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.documents import get_document_model
from wagtail.documents.blocks import DocumentChooserBlock
from wagtail.embeds.blocks import EmbedBlock as EmbedURLBlock
from wagtail.images import get_image_model
from wagtail.images.blocks import ImageBlock, ImageBlockComparison

GONE = _("The picture was deleted.")


class PictureComparison(ImageBlockComparison):
    """Compares pictures even if one was deleted, for which Wagtail's own comparison fails."""

    def htmlvalue(self, val):
        image = val["image"] if isinstance(val, dict) else val
        return super().htmlvalue(val) if image else format_html("<p>{}</p>", GONE)

    def htmldiff(self):
        if self.val_a["image"] and self.val_b["image"]:
            return super().htmldiff()
        return format_html(
            '<div class="deletion">{}</div><div class="addition">{}</div>',
            self.htmlvalue(self.val_a),
            self.htmlvalue(self.val_b),
        )


class PictureBlock(ImageBlock):
    def get_comparison_class(self):
        return PictureComparison


def newest(model):
    """Return the files of a library, the newest first, for previews of blocks."""
    return model.objects.order_by("-created_at")


class PhotoBlock(blocks.StructBlock):
    image = PictureBlock(label=_("Photo"))
    caption = blocks.CharBlock(label=_("Caption"), required=False, max_length=500)
    link = blocks.URLBlock(
        label=_("Link"),
        required=False,
        max_length=2000,
        help_text=_("Where the photo leads. To a larger copy of it when empty."),
    )

    def get_preview_value(self):
        image = newest(get_image_model()).first()
        return self.to_python(
            {"image": {"image": image and image.pk, "alt_text": ""}, "caption": "The caption"}
        )

    class Meta:
        template = "blog/blocks/photo.html"
        icon = "image"
        label = _("Photo")
        label_format = "{caption}"
        description = _("One picture with its caption and credit")


class GalleryBlock(blocks.StructBlock):
    title = blocks.CharBlock(label=_("Title"), required=False, max_length=150)
    photos = blocks.ListBlock(PhotoBlock(), label=_("Photos"), min_num=2)

    def get_preview_value(self):
        images = newest(get_image_model())[:4]
        photos = [{"image": {"image": image.pk}, "caption": ""} for image in images]
        return self.to_python({"title": "A gallery", "photos": photos})

    class Meta:
        template = "blog/blocks/gallery.html"
        icon = "image"
        label = _("Gallery")
        label_format = "{title}"
        description = _("Several pictures side by side")


class EmbedBlock(blocks.StructBlock):
    embed = EmbedURLBlock(label=_("Address"), help_text=_("For example of a video on YouTube"))
    title = blocks.CharBlock(
        label=_("Title"),
        max_length=200,
        help_text=_("Says what it is before the reader agrees to load it."),
    )
    caption = blocks.CharBlock(label=_("Caption"), required=False, max_length=500)

    class Meta:
        template = "blog/blocks/embed.html"
        icon = "media"
        label = _("Embed")
        label_format = "{title}"
        description = _("A video or the like from elsewhere, loaded when the reader agrees")
        preview_value = {
            "embed": "https://vimeo.com/1",
            "title": "The committee's hearing",
            "caption": "",
        }


class DocumentBlock(blocks.StructBlock):
    document = DocumentChooserBlock(label=_("Document"))
    title = blocks.CharBlock(
        label=_("Title"),
        required=False,
        max_length=200,
        help_text=_("The document's own title when empty."),
    )

    def get_preview_value(self):
        document = newest(get_document_model()).first()
        return self.to_python({"document": document and document.pk, "title": ""})

    class Meta:
        template = "blog/blocks/document.html"
        icon = "doc-full"
        label = _("Document")
        label_format = "{title}"
        description = _("A file to download, with its kind and size")
