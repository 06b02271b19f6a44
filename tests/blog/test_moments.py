"""Dates and times in the editor's forms: those of posts, of their corrections and of snippets."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone
from wagtail.test.utils.form_data import inline_formset, rich_text

from blog.editing.moments import format_moment
from blog.models import PostPage
from tests.blog.test_editing import form
from tests.factories import UserFactory, moment
from tests.notices.models import Notice

pytestmark = pytest.mark.django_db

UNREADABLE = [
    "01.12.2026 09:00",
    "2026-12-32 09:00",
    "2027-02-29 09:00",
    "soon",
    "9999-12-31 09:00",
]
SUMMER_TIME = {"2027-03-28 01:30": "there is no 01:30", "2027-10-31 01:30": "there are two 01:30"}
PAST = ["2020-01-01 09:00", "1999-12-31 23:59"]


def text(moment):
    """A moment as its field says it."""
    own = timezone.localtime(moment) if timezone.is_aware(moment) else moment
    return own.strftime("%Y-%m-%d %H:%M")


@pytest.fixture
def page_form(editor, client, write):
    """Send the form of a post: `page_form(go_live_at="…")`; its address is `page_form.address`."""
    client.force_login(editor)

    def send(action="", autosave=False, **fields):
        data = form(slug="a-title", **fields) | ({f"action-{action}": "1"} if action else {})
        headers = {"Accept": "application/json"} if autosave else {}
        return client.post(send.address, data, headers=headers)

    send.post = write("A title", slug="a-title", live=False, published_at=None)
    send.address = reverse("wagtailadmin_pages:edit", args=[send.post.pk])
    return send


def errors(response, name):
    return " ".join(response.context["form"].errors.get(name, []))


class TypedMomentTests:
    @pytest.mark.parametrize("name", ["go_live_at", "expire_at", "published_at", "updated_at"])
    @pytest.mark.parametrize("typed", [*UNREADABLE, *SUMMER_TIME])
    def test_one_that_is_none_is_refused_beside_the_field(self, page_form, name, typed):
        response = page_form(**{name: typed})
        assert SUMMER_TIME.get(typed, "") in errors(response, name) != ""
        assert response.context["form"][name].value() == typed
        assert f'value="{typed}"' in response.text
        assert page_form(autosave=True, **{name: typed}).json()["success"] is False

    @pytest.mark.parametrize("typed", ["2026-12-32", "01.12.2026", "0001-01-01"])
    def test_a_corrections_day_that_is_none_is_refused(self, page_form, typed):
        note = {"date": typed, "text": rich_text("<p>No.</p>"), "id": "", "ORDER": "1"}
        response = page_form(corrections=inline_formset([note]))
        [row] = response.context["form"].formsets["corrections"]
        assert row.errors["date"]
        assert row["date"].value() == typed

    @pytest.mark.parametrize("name", ["go_live_at", "expire_at"])
    @pytest.mark.parametrize("typed", PAST)
    @pytest.mark.parametrize("action", ["", "publish"])
    def test_a_schedule_that_has_passed_is_refused(self, page_form, name, typed, action):
        response = page_form(action, **{name: typed})
        assert "has passed" in errors(response, name)
        assert f'value="{typed}"' in response.text
        assert not PostPage.objects.get().live

    @pytest.mark.parametrize("action", ["", "publish", "submit"])
    @pytest.mark.parametrize("minutes", [0, -1])
    def test_an_expiry_that_leaves_no_time_is_refused(self, page_form, action, minutes):
        later = timezone.now() + dt.timedelta(days=3)
        fields = {
            "go_live_at": text(later),
            "expire_at": text(later + dt.timedelta(minutes=minutes)),
        }
        response = page_form(action, **fields)
        assert f"Choose a moment after {format_moment(later)}" in errors(response, "expire_at")
        assert not PostPage.objects.get().scheduled_revision
        assert page_form(autosave=True, **fields).json()["success"] is False

    def test_a_snippets_expiry_as_well(self, client):
        client.force_login(UserFactory(is_superuser=True))
        notice = Notice.objects.create(text="Closed", live=False)
        later = text(timezone.now() + dt.timedelta(days=3))
        response = client.post(
            f"/admin/snippets/notices/notice/edit/{notice.pk}/",
            {"text": "Open", "go_live_at": later, "expire_at": later},
        )
        assert "before anybody sees it" in errors(response, "expire_at")

    def test_a_post_may_be_of_a_day_that_has_passed(self, page_form):
        page_form("publish", published_at="2009-03-01 12:00")
        assert PostPage.objects.get().published_at == moment(2009, 3, 1, 12)

    @pytest.mark.parametrize("name", ["go_live_at", "expire_at"])
    @pytest.mark.parametrize("typed", ["01.12.2026 09:00", "2027-03-28 01:30", PAST[0]])
    def test_a_snippets_is_refused_as_well(self, client, name, typed):
        client.force_login(UserFactory(is_superuser=True))
        notice = Notice.objects.create(text="Closed", live=False)
        response = client.post(
            f"/admin/snippets/notices/notice/edit/{notice.pk}/",
            {"text": "Open", "go_live_at": "", "expire_at": "", name: typed},
        )
        assert errors(response, name)
        assert response.context["form"][name].value() == typed


class UntouchedFormTests:
    """What nobody edited is accepted as it stands, and kept to the second."""

    def send_what_is_shown(self, client, page_form, action="", **fields):
        shown = client.get(page_form.address).context["form"]
        names = ("go_live_at", "expire_at", "published_at", "updated_at")
        values = {name: shown[name].value() for name in names}
        values = {name: text(v) if v else "" for name, v in values.items()}
        return page_form(action, **values | fields), values

    @pytest.mark.parametrize("action", ["", "publish"])
    @pytest.mark.parametrize("expired", [True, False])
    def test_after_an_expiry(self, client, page_form, action, expired):
        then = timezone.now() - dt.timedelta(days=1)
        PostPage.objects.update(expire_at=then, expired=expired, first_published_at=then)
        response, shown = self.send_what_is_shown(client, page_form, action)
        assert response.status_code == 302
        assert shown["expire_at"] == ""
        assert PostPage.objects.get().live is (action == "publish")
        assert PostPage.objects.get().expire_at is None

    def test_a_snippets_after_an_expiry(self, client):
        client.force_login(UserFactory(is_superuser=True))
        then = timezone.now() - dt.timedelta(days=1)
        notice = Notice.objects.create(text="Closed", live=False, expired=True, expire_at=then)
        address = f"/admin/snippets/notices/notice/edit/{notice.pk}/"
        assert client.get(address).context["form"]["expire_at"].value() is None
        data = {"text": "Open", "go_live_at": "", "expire_at": "", "action-publish": "1"}
        assert client.post(address, data).status_code == 302
        notice.refresh_from_db()
        assert (notice.live, notice.text) == (True, "Open")

    @pytest.mark.parametrize("name", ["go_live_at", "expire_at"])
    def test_a_moment_that_passes_while_the_form_is_open(self, page_form, name):
        then = timezone.now() - dt.timedelta(seconds=30)
        PostPage.objects.update(**{name: then})
        assert page_form(autosave=True, **{name: text(then)}).json()["success"]
        PostPage.objects.update(**{name: then})
        page_form.post.refresh_from_db()
        page_form.post.save_revision()
        response = page_form("publish", **{name: text(then)})
        assert "has passed meanwhile" in errors(response, name)

    def test_the_seconds_stay(self, client, page_form):
        date = moment(2009, 3, 1, 12).replace(second=31)
        PostPage.objects.update(published_at=date)
        self.send_what_is_shown(client, page_form, "publish")
        assert PostPage.objects.get().published_at == date

    def test_an_hour_that_came_twice_stays(self, client, page_form):
        date = dt.datetime(2014, 10, 26, 1, 30, tzinfo=dt.UTC)
        PostPage.objects.update(published_at=date)
        response, _shown = self.send_what_is_shown(client, page_form)
        assert response.status_code == 302


class PublishButtonTests:
    def test_it_says_what_it_will_do(self, client, page_form):
        planned = timezone.now().replace(second=0, microsecond=0) + dt.timedelta(days=3)
        label = f"Schedule for {format_moment(planned)}"
        answer = page_form(autosave=True, go_live_at=text(planned)).json()
        assert label in answer["html"]
        assert label in client.get(page_form.address).text
        answer = page_form(autosave=True, go_live_at="").json()
        assert "Schedule for" not in answer["html"]

    def test_a_moment_is_said_with_its_day(self, settings, monkeypatch):
        monkeypatch.setattr(timezone, "now", lambda: moment(2026, 11, 28, 12))
        assert format_moment(moment(2026, 12, 1, 9)) == "Tuesday 1 December, 09:00"
        assert format_moment(moment(2027, 12, 1, 9)) == "Wednesday 1 December 2027, 09:00"
