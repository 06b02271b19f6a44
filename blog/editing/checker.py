"""Wagtail's content checker with rules of our own."""

from django.utils.translation import gettext_lazy as _
from wagtail.admin.userbar import ContentCheckerItem

# The most words that a paragraph may have.
LONG_PARAGRAPH = 200
# The most words that may be in capitals, such as an abbreviation or the title of a book.
SHORT_SHOUT = 4
VAGUE = ["click here", "here", "link", "more", "read more", "this link", "this page"]
# Wagtail's own pattern, with the names that cameras give.
FILE_NAME = r"\.(avif|gif|jpg|jpeg|png|svg|webp)$|_|^(img|dsc|dscn|pict?)[- ]?\d+"

# The checks that axe runs in the browser, as the source of functions
# (`evaluate` in https://github.com/dequelabs/axe-core/blob/develop/doc/API.md#api-name-axeconfigure).
SAYS_WHERE_IT_LEADS = """function (link, options) {
    const words = link.textContent.trim().toLowerCase().replace(/^[ .:!…→]+|[ .:!…→]+$/g, "");
    return !options.vague.includes(words);
}"""
IS_SHORT = """function (paragraph, options) {
    return paragraph.textContent.trim().split(/\\s+/).length <= options.words;
}"""
IS_NOT_SHOUTED = """function (paragraph, options) {
    const text = paragraph.textContent.trim();
    const shouted = text === text.toUpperCase() && text !== text.toLowerCase();
    return !shouted || text.split(/\\s+/).length <= options.words;
}"""
HAS_INTRODUCTION = """function () {
    return Boolean(document.querySelector(".post__introduction, .standard-page .lead"));
}"""
UNDESCRIBED = {
    "error_name": _("Photo without a description"),
    "help_text": _("Say what it shows, or mark it as decorative"),
}


def rule(name, selector):
    """Return a rule of axe that uses the check of the same name."""
    return {
        "id": name,
        "impact": "moderate",
        "selector": selector,
        "tags": ["best-practice"],
        "any": [f"check-{name}"],
        "enabled": True,
    }


class PostChecker(ContentCheckerItem):
    """Wagtail's checker with more rules for accessibility and plain writing."""

    axe_custom_rules = [
        *ContentCheckerItem.axe_custom_rules,
        rule("vague-link", ".body a"),
        rule("long-paragraph", ".body p"),
        rule("shouted-paragraph", ".body p"),
        # The templates mark a photo that has no description and is not decorative.
        rule("undescribed-photo", ".photo[data-undescribed]"),
        rule("missing-introduction", ".post h1, .standard-page h1"),
    ]
    axe_custom_checks = [
        {"id": "check-image-alt-text", "options": {"pattern": FILE_NAME}},
        {"id": "check-empty-meta-description"},
        {
            "id": "check-vague-link",
            "evaluate": SAYS_WHERE_IT_LEADS,
            "options": {"vague": VAGUE},
        },
        {
            "id": "check-long-paragraph",
            "evaluate": IS_SHORT,
            "options": {"words": LONG_PARAGRAPH},
        },
        {
            "id": "check-shouted-paragraph",
            "evaluate": IS_NOT_SHOUTED,
            "options": {"words": SHORT_SHOUT},
        },
        {"id": "check-undescribed-photo", "evaluate": "function () { return false; }"},
        {"id": "check-missing-introduction", "evaluate": HAS_INTRODUCTION},
    ]

    axe_run_only = [
        *ContentCheckerItem.axe_run_only,
        "color-contrast",
        "duplicate-id-aria",
        "identical-links-same-purpose",
        "image-alt",
        "image-redundant-alt",
        "page-has-heading-one",
        "vague-link",
        "long-paragraph",
        "shouted-paragraph",
        "undescribed-photo",
        "missing-introduction",
    ]
    axe_messages = {
        **ContentCheckerItem.axe_messages,
        "vague-link": {
            "error_name": _("A link does not say where it leads"),
            "help_text": _(
                "Some readers hear links without the text around them: name what is there"
            ),
        },
        "long-paragraph": {
            "error_name": _("Very long paragraph"),
            "help_text": _("Divide it where the thought turns"),
        },
        "shouted-paragraph": {
            "error_name": _("Paragraph in capitals"),
            "help_text": _(
                "They are hard to read and may be read out letter by letter: use small ones"
            ),
        },
        "missing-introduction": {
            "error_name": _("No introduction"),
            "help_text": _(
                "Write a sentence or two for lists, search engines and those who share it"
            ),
        },
        "alt-text-quality": {
            "error_name": _("Description is the name of a file"),
            "help_text": _("Say in a sentence what the photo shows"),
        },
        "heading-order": {
            "error_name": _("A heading skips a level"),
            "help_text": _("Make it a section, or put a section heading above it"),
        },
        "link-name": {
            "error_name": _("A link has no words"),
            "help_text": _("Write what the reader finds there, or remove it"),
        },
        "empty-meta-description": {
            "error_name": _("No search description"),
            "help_text": _("Write one or two sentences under “Promote”, or an introduction"),
        },
        "image-alt": UNDESCRIBED,
        "undescribed-photo": UNDESCRIBED,
        "image-redundant-alt": {
            "error_name": _("Description repeats the text beside the photo"),
            "help_text": _("Say what the photo shows, not what its caption says"),
        },
        "identical-links-same-purpose": {
            "error_name": _("Same words, different links"),
            "help_text": _("Let each link say where it leads"),
        },
        "page-has-heading-one": {
            "error_name": _("No main heading"),
            "help_text": _("Give the page a title"),
        },
        "color-contrast": {
            "error_name": _("Text too pale"),
            "help_text": _("Choose a stronger colour"),
        },
        "duplicate-id-aria": {
            "error_name": _("Two parts with one name"),
            "help_text": _("Change the anchor of one of the headings"),
        },
    }
