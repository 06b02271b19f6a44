import pytest
from wagtail.admin.userbar import AccessibilityItem, ContentCheckerItem

from blog import proofreading
from blog.wagtail_hooks import use_post_checker
from tests.factories import StandardPageFactory, paragraph


def heading(text, level):
    return {"type": "heading", "value": {"text": text, "level": level}}


@pytest.fixture
def remarks(write):
    """What an editor hears about a post: `remarks(body=[…])`."""

    def remarks(**fields):
        fields.setdefault("introduction", "Said first.")
        return list(proofreading.about_page(write(**fields)))

    return remarks


class ProofreadingTests:
    def test_a_plain_post_is_left_alone(self, remarks):
        assert remarks() == []

    def test_a_missing_introduction_is_noticed(self, remarks):
        [one, two] = remarks(introduction="")
        assert "introduction" in one
        assert "search description" in two

    @pytest.mark.parametrize("text", ["click here", "Here.", "read more …"])
    def test_a_link_says_where_it_leads(self, remarks, text):
        [remark] = remarks(body=[paragraph(f'<a href="/">{text}</a>')])
        assert "does not say where it leads" in remark

    def test_a_link_has_words(self, remarks):
        [remark] = remarks(body=[paragraph('So <a href="/"> </a> it is.')])
        assert "no words" in remark

    def test_a_heading_skips_no_level(self, remarks):
        [remark] = remarks(body=[heading("Deep", "3"), heading("High", "2"), heading("Fine", "3")])
        assert "“Deep” skips a level" in remark

    def test_nobody_shouts(self, remarks):
        [remark] = remarks(body=[paragraph("THIS IS A WHOLE SENTENCE IN CAPITALS.")])
        assert "capitals" in remark
        assert remarks(body=[paragraph("NATO and the BBC agree.")]) == []

    def test_a_paragraph_ends_some_time(self, remarks):
        [remark] = remarks(body=[paragraph("word " * 201)])
        assert "201 words" in remark

    @pytest.mark.parametrize(
        ("description", "words"),
        [("", "has no description"), ("IMG_0042.jpg", "name of a file"), ("A dog", None)],
    )
    def test_a_photo_is_described(self, remarks, photo, description, words):
        image = {"image": photo.pk, "alt_text": description, "decorative": False}
        found = remarks(body=[{"type": "photo", "value": {"image": image, "caption": ""}}])
        assert [words in remark for remark in found] == ([True] if words else [])

    def test_a_decorative_photo_needs_none(self, remarks, photo):
        image = {"image": photo.pk, "alt_text": "", "decorative": True}
        assert remarks(body=[{"type": "photo", "value": {"image": image, "caption": ""}}]) == []

    @pytest.fixture
    def photo(self, db):
        from tests.factories import PhotoFactory

        return PhotoFactory(description="")


class StandardPageTests:
    def test_standard_pages_are_read_as_well(self, home_page):
        page = StandardPageFactory(parent=home_page, body=[paragraph('<a href="/">Here</a>')])
        assert any("does not say where" in remark for remark in proofreading.about_page(page))


class CheckerTests:
    @pytest.mark.parametrize("in_editor", [True, False])
    def test_the_editor_and_the_page_are_checked_by_the_same_rules(self, rf, in_editor):
        # The panel of the editor brings an heir of Wagtail's item.
        items = [AccessibilityItem(in_editor=True) if in_editor else ContentCheckerItem()]
        use_post_checker(rf.get("/"), items, None)
        [item] = items
        assert item.in_editor is in_editor
        found = item.get_axe_configuration(rf.get("/"))
        for rule in found["spec"]["rules"]:
            assert rule["id"] in found["options"]["runOnly"]
            assert found["messages"][rule["id"]]["help_text"]
            assert rule["any"][0] in [check["id"] for check in found["spec"]["checks"]]


class EditorTests:
    def test_an_editor_hears_it_on_saving(self, write, editor, client):
        from django.urls import reverse
        from wagtail.test.utils.form_data import inline_formset, nested_form_data, streamfield

        post = write("Soup", slug="soup")
        client.force_login(editor)
        data = nested_form_data(
            {
                "title": "Soup",
                "slug": "soup",
                "body": streamfield([("divider", "")]),
                "bylines": inline_formset([]),
                "corrections": inline_formset([]),
                "comments": inline_formset([]),
            }
        )
        response = client.post(
            reverse("wagtailadmin_pages:edit", args=[post.pk]), data, follow=True
        )
        assert "There is no introduction" in response.text
