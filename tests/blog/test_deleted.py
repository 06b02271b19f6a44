"""What stays answerable when something that a post is made of was deleted."""

import datetime as dt
import itertools

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils import timezone
from wagtail.documents import get_document_model

from blog.models import PostPage, Tag
from search.reports import REPORTS
from tests.factories import AuthorFactory, PhotoFactory, SeriesFactory, paragraph

pytestmark = pytest.mark.django_db


def delete(behind, name):
    names = behind if name == "everything" else [name]
    for each in names:
        behind[each].delete()


@pytest.fixture
def behind(write):
    """All that a post can be made of."""
    document = get_document_model()(title="A document")
    document.file.save("a.txt", ContentFile(b"words"))
    return {
        "photo": PhotoFactory(),
        "cover": PhotoFactory(),
        "document": document,
        "page": write("Another"),
        "author": AuthorFactory(),
        "series": SeriesFactory(),
        "tag": Tag.objects.create(name="food"),
    }


def body(behind):
    photo = {"image": {"image": behind["photo"].pk, "alt_text": "Words"}, "caption": "A caption"}
    return [
        paragraph(
            f'<a linktype="page" id="{behind["page"].pk}">A page</a> '
            f'<a linktype="document" id="{behind["document"].pk}">A document</a>'
        ),
        {"type": "heading", "value": {"text": "A heading"}},
        {"type": "photo", "value": photo, "id": f"@00001-{ZEROS}"},
        {
            "type": "gallery",
            "value": {
                "title": "A gallery",
                "photos": [
                    {
                        "type": "item",
                        "value": photo,
                        "id": f"2000000{n}-0000-0000-0000-000000000000",
                    }
                    for n in (1, 2)
                ],
            },
            "id": f"@00002-{ZEROS}",
        },
        {
            "type": "document",
            "value": {"document": behind["document"].pk, "title": ""},
            "id": f"@00003-{ZEROS}",
        },
        {
            "type": "related",
            "value": {
                "title": "",
                "posts": [
                    {
                        "type": "item",
                        "value": behind["page"].pk,
                        "id": f"@00001-{ZEROS}",
                    }
                ],
            },
            "id": f"@00004-{ZEROS}",
        },
    ]


@pytest.fixture
def post(write, behind):
    """A live post of three revisions: without anything, with all of it, and with other words."""
    post = write(
        "Full",
        body=[paragraph("Nothing yet.")],
        tags=["food"],
        authors=[behind["author"]],
        series=behind["series"],
    )
    post.save_revision().publish()
    post = PostPage.objects.get(pk=post.pk)
    post.cover = post.search_image = behind["cover"]
    post.body = body(behind)
    post.go_live_at = None
    post.save_revision().publish()
    post = PostPage.objects.get(pk=post.pk)
    changed = body(behind)
    for block in changed[2:]:
        block["value"] = {**block["value"], "title": "Changed", "caption": "Changed"}
    post.body = changed
    post.cover = None
    post.save_revision()
    return PostPage.objects.get(pk=post.pk)


ZEROS = "0000-0000-0000-000000000000"
EACH = ["photo", "cover", "document", "page", "author", "series", "tag", "everything"]


class DeletedThingTests:
    @pytest.mark.parametrize("name", EACH)
    def test_each_two_revisions_can_be_compared(self, name, post, behind, client, administrator):
        client.force_login(administrator)
        delete(behind, name)
        keys = [*post.revisions.order_by("pk").values_list("pk", flat=True)]
        for a, b in itertools.combinations([*keys, "live"], 2):
            address = reverse("wagtailadmin_pages:revisions_compare", args=[post.pk, a, b])
            assert client.get(address).status_code == 200, (a, b)

    def test_a_deleted_photo_is_named_in_the_comparison(self, post, behind, client, administrator):
        client.force_login(administrator)
        delete(behind, "photo")
        first, second, third = post.revisions.order_by("pk").values_list("pk", flat=True)
        for a, b in ((first, second), (second, third)):
            address = reverse("wagtailadmin_pages:revisions_compare", args=[post.pk, a, b])
            assert "was deleted" in client.get(address).content.decode()

    @pytest.mark.parametrize("name", ["everything"])
    def test_each_view_of_it_answers(self, name, post, behind, client, administrator):
        client.force_login(administrator)
        scheduled = post.get_latest_revision_as_object()
        scheduled.go_live_at = timezone.now() + dt.timedelta(hours=1)
        scheduled.save_revision().publish()
        delete(behind, name)
        revision = post.revisions.first().pk
        for address in (
            *(f"/admin/pages/{post.pk}/{view}/" for view in ("edit", "history", "usage", "copy")),
            f"/admin/pages/{post.pk}/revisions/{revision}/view/",
            f"/admin/pages/{post.pk}/revisions/{revision}/revert/",
            f"/admin/pages/{post.pk}/view_draft/",
            *("/admin/", "/admin/schedule/", "/admin/schedule/?view=month"),
            f"/admin/schedule/?author={getattr(behind['author'], 'pk', None) or 1}&tag=1",
            *("/admin/reports/site-history/", "/admin/reports/aging-pages/"),
            *(reverse(report.index_url_name) for report in REPORTS),
            *(f"/admin/pages/{post.get_parent().pk}/", "/admin/images/", "/admin/documents/"),
            *("/admin/snippets/blog/author/", "/admin/snippets/blog/tag/"),
        ):
            assert client.get(address).status_code == 200, address

    @pytest.mark.parametrize("name", EACH)
    def test_readers_are_served(self, name, post, behind, client):
        delete(behind, name)
        for address in (post.url, f"{post.url.rstrip('/')}.md", "/", "/blog/", "/blog/feed/"):
            assert client.get(address).status_code == 200, address

    @pytest.mark.parametrize("name", ["everything"])
    def test_its_draft_is_published(self, name, post, behind):
        delete(behind, name)
        post.get_latest_revision().publish()
        assert PostPage.objects.get(pk=post.pk).live


class DefectiveBlockTests:
    """Blocks with parts missing, as a program or an earlier release may have stored them."""

    @pytest.mark.parametrize(
        "block",
        [
            *({"type": "heading", "value": value} for value in ({}, {"text": "A"}, {"level": ""})),
            {"type": "heading", "value": {"text": "A", "level": None}},
            *({"type": kind, "value": {}} for kind in ("photo", "gallery", "document", "related")),
            *({"type": kind, "value": {}} for kind in ("quote", "callout", "code", "embed")),
            {"type": "table", "value": None},
            {"type": "notes", "value": []},
            {"type": "gallery", "value": {"photos": [{"type": "item", "value": {}, "id": "1"}]}},
        ],
        ids=lambda block: f"{block['type']} {block['value']}",
    )
    def test_it_takes_no_page_down(self, block, write, client, administrator):
        post = write("Defective", body=[paragraph("Words."), block])
        revision = post.save_revision()
        for address in (post.url, f"{post.url.rstrip('/')}.md", "/blog/feed/"):
            assert client.get(address).status_code == 200, address
        client.force_login(administrator)
        for address in (
            f"/admin/pages/{post.pk}/edit/",
            f"/admin/pages/{post.pk}/revisions/{revision.pk}/view/",
            f"/admin/pages/{post.pk}/revisions/compare/{revision.pk}...live/",
        ):
            assert client.get(address).status_code == 200, address
