import pytest
from django.urls import reverse
from wagtail.models import Collection
from wagtail.permissions import policy_registry

from blog.models import Author, Photo, PostPage, Series, Tag
from home.models import SiteSettings, User
from tests.factories import StandardPageFactory

pytestmark = pytest.mark.django_db


def may(user, action, model):
    return policy_registry.get_by_type(model).user_has_permission(user, action)


class AuthorTests:
    def test_an_author_may_write_in_the_blog_and_nowhere_else(self, author, blog, home_page):
        assert blog.permissions_for_user(author).can_add_subpage()
        assert not home_page.permissions_for_user(author).can_add_subpage()

    def test_an_author_may_change_only_what_they_wrote(self, author, editor, write):
        assert write(owner=author).permissions_for_user(author).can_edit()
        assert not write(owner=editor).permissions_for_user(author).can_edit()

    def test_an_author_may_not_publish(self, author, write):
        draft = write(owner=author, live=False)
        assert not draft.permissions_for_user(author).can_publish()
        assert draft.permissions_for_user(author).can_delete()

    def test_an_author_may_not_unpublish_or_delete_what_is_live(self, author, write):
        live = write(owner=author).permissions_for_user(author)
        assert not live.can_unpublish()
        assert not live.can_delete()

    def test_an_author_may_add_photos_and_change_only_their_own(self, author, editor):
        assert may(author, "add", Photo)
        policy = policy_registry.get_by_type(Photo)
        collection = Collection.get_first_root_node()
        own = Photo(title="Own", uploaded_by_user=author, collection=collection)
        other = Photo(title="Other", uploaded_by_user=editor, collection=collection)
        assert policy.user_has_permission_for_instance(author, "change", own)
        assert not policy.user_has_permission_for_instance(author, "change", other)

    @pytest.mark.parametrize("model", [Author, Series, Tag, User, SiteSettings])
    def test_an_author_may_not_change_the_house(self, model, author):
        assert not may(author, "change", model)


class EditorTests:
    def test_an_editor_may_publish_and_lock_any_page(self, editor, author, write, home_page):
        for page in (write(owner=author), StandardPageFactory(parent=home_page)):
            permissions = page.permissions_for_user(editor)
            assert permissions.can_edit()
            assert permissions.can_publish()
            assert permissions.can_unpublish()
            assert permissions.can_lock()
            assert permissions.can_delete()

    @pytest.mark.parametrize("model", [Author, Series, Tag])
    def test_an_editor_keeps_the_snippets(self, model, editor):
        for action in ("add", "change", "delete"):
            assert may(editor, action, model)

    def test_an_editor_may_not_change_accounts(self, editor, client):
        client.force_login(editor)
        assert not may(editor, "change", User)
        assert client.get(reverse("wagtailusers_users:index")).status_code == 302


class AdministratorTests:
    @pytest.mark.parametrize("model", [User, SiteSettings, Author, Photo])
    def test_an_administrator_may_change_the_house(self, model, administrator):
        assert may(administrator, "change", model)

    @pytest.mark.parametrize(
        "view",
        [
            "wagtailusers_users:index",
            "wagtailusers_groups:index",
            "wagtailsites:index",
            "wagtailredirects:index",
            "wagtailadmin_workflows:index",
            "wagtailadmin_collections:index",
            "wagtailadmin_reports:site_history",
        ],
    )
    def test_an_administrator_opens_each_settings_view(self, view, administrator, client):
        client.force_login(administrator)
        Collection.get_first_root_node().add_child(name="Portraits")
        assert client.get(reverse(view)).status_code == 200


class NobodyTests:
    def test_somebody_without_a_role_sees_no_admin(self, django_user_model, client):
        client.force_login(django_user_model.objects.create_user("somebody"))
        assert client.get(reverse("wagtailadmin_home")).status_code == 302

    def test_posts_are_written_in_blogs_only(self, home_page):
        assert not PostPage.can_create_at(home_page)
