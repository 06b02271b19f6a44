import pytest
from django.contrib.auth.models import Group
from wagtail.models import Page

from blog.models import PostPage
from tests.blog.test_editing import form
from tests.factories import AuthorFactory, UserFactory

pytestmark = pytest.mark.django_db


class BylineTests:
    """Who is named as a post's author, and has an account, edits it as its owner does."""

    @pytest.fixture
    def named(self, author, write):
        return write("Of two", live=False, authors=[AuthorFactory(), AuthorFactory(user=author)])

    def test_a_named_author_edits_the_draft(self, named, author, client):
        client.force_login(author)
        address = f"/admin/pages/{named.pk}/edit/"
        assert client.get(address).status_code == 200
        assert client.post(address, form("Changed", slug=named.slug)).status_code == 302
        assert PostPage.objects.get().get_latest_revision().object_str == "Changed"
        assert "Changed" in client.get("/admin/schedule/").content.decode()

    def test_but_does_not_publish_or_delete_it(self, named, author, client):
        permissions = Page.objects.get(pk=named.pk).permissions_for_user(author)
        assert permissions.can_edit()
        assert not permissions.can_publish()
        assert not permissions.can_delete()

    def test_who_is_not_named_does_not(self, named, write, client):
        other = UserFactory(roles=["Authors"])
        AuthorFactory(user=other)
        assert not named.permissions_for_user(other).can_edit()
        client.force_login(other)
        assert client.get(f"/admin/pages/{named.pk}/edit/").status_code == 302
        assert "Of two" not in client.get("/admin/schedule/").content.decode()

    @pytest.mark.parametrize("away", ["inactive", "without a role"])
    def test_who_may_write_nothing_edits_nothing(self, named, author, away):
        author.is_active = away != "inactive"
        author.save()
        if author.is_active:
            author.groups.remove(*Group.objects.all())
        author = type(author).objects.get(pk=author.pk)
        assert not named.permissions_for_user(author).can_edit()
