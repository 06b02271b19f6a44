"""Who has set up a second factor, or must, is nobody until it was given."""

import re

import pytest
from django.contrib.auth.models import Group, Permission
from django.core import mail
from django.urls import reverse
from django_otp.oath import TOTP
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice
from wagtail.models import ModelLogEntry

from home.accounts import second_factor
from tests.factories import UserFactory

SECRET = re.compile(r"<code>([A-Z2-7]+)</code>")


@pytest.fixture
def required(editor):
    """The role of the editor requires a second factor."""
    permission = Permission.objects.get(codename=second_factor.REQUIRED)
    Group.objects.get(name="Editors").permissions.add(permission)
    editor.set_password("password")
    editor.save()
    return editor


def code_for(html):
    """The code that an app shows for the key on a page."""
    import base64

    secret = SECRET.search(html)[1]
    totp = TOTP(base64.b32decode(secret + "=" * (-len(secret) % 8)))
    return f"{totp.token():06}"


class FirstFactorTests:
    @pytest.mark.parametrize(
        "path",
        [
            "/admin/",
            "/admin/api/main/pages/",
            "/admin/pages/",
            "/admin/account/",
            "/admin/account/security/app/",
            "/admin/schedule/",
            "/admin/nothing/",
        ],
    )
    def test_nothing_of_the_admin_is_reachable(self, path, protected, sign_in, client):
        sign_in()
        for method in (client.get, client.post):
            answer = method(path)
            assert answer.status_code == 302
            assert answer["Location"].startswith("/admin/second-factor/?next=")

    def test_no_preview_is_shown(self, protected, sign_in, client, write):
        draft = write(title="Unseen words", live=False)
        sign_in()
        for name in ("view_draft", "preview_on_edit"):
            address = reverse(f"wagtailadmin_pages:{name}", args=[draft.pk])
            assert "Unseen" not in client.get(address, follow=True).text

    def test_readers_pages_know_nobody(self, protected, sign_in, client, blog):
        sign_in()
        assert "wagtail-userbar" not in client.get("/blog/").text

    def test_a_page_for_the_role_asks_to_sign_in(self, protected, sign_in, client, write):
        from wagtail.models import PageViewRestriction

        page = write(slug="for-editors")
        PageViewRestriction.objects.create(page=page, restriction_type="login")
        sign_in()
        assert client.get("/blog/for-editors/").status_code == 302

    def test_it_can_sign_out(self, protected, sign_in, client):
        sign_in()
        client.post("/admin/second-factor/", {"sign-out": ""})
        assert "_auth_user_id" not in client.session


class CodeTests:
    def test_a_code_lets_in_once_under_a_new_session(self, protected, sign_in, client):
        sign_in()
        before, code = client.session.session_key, protected.code()
        answer = client.post("/admin/second-factor/", {"code": code, "next": "/admin/pages/"})
        assert answer["Location"] == "/admin/pages/"
        assert client.session.session_key != before
        assert client.get("/admin/").status_code == 200
        client.post("/admin/logout/")
        sign_in()
        assert client.post("/admin/second-factor/", {"code": code}).status_code == 200
        assert client.get("/admin/").status_code == 302

    @pytest.mark.parametrize("code", ["", "000000", "abc", "9" * 5000, "\0", "１２３４５６", "r\0"])
    def test_another_code_does_not(self, code, protected, sign_in, client):
        sign_in()
        assert "This code is wrong" in client.post("/admin/second-factor/", {"code": code}).text
        assert client.get("/admin/").status_code == 302

    def test_a_recovery_code_lets_in_once(self, protected, sign_in, client):
        code = second_factor.new_recovery_codes(protected)[3]
        for status in (200, 302):
            sign_in()
            client.post("/admin/second-factor/", {"code": code.upper()})
            assert client.get("/admin/").status_code == status
            client.post("/admin/logout/")
            status = 302

    def test_it_leads_to_no_other_site(self, protected, sign_in, client):
        sign_in()
        data = {"code": protected.code(), "next": "https://evil.example/"}
        assert client.post("/admin/second-factor/", data)["Location"] == "/admin/"

    def test_who_guesses_is_locked_out(self, protected, sign_in, client):
        sign_in()
        for _ in range(10):
            client.post("/admin/second-factor/", {"code": "000000"})
        answer = client.post("/admin/second-factor/", {"code": protected.code()})
        assert answer.status_code == 429
        assert int(answer["Retry-After"]) > 0


class SetupTests:
    def test_a_person_sets_it_up_and_removes_it(self, editor, client):
        client.force_login(editor)
        assert "Second factor" in client.get("/admin/account/").text
        html = client.get("/admin/account/security/app/").text
        # On white, also in the dark admin.
        assert "data:image/svg+xml" in html
        assert "%23fff" in html
        answer = client.post("/admin/account/security/app/", {"code": code_for(html)})
        codes = re.findall(r"<li><code>(\w+)</code>", answer.text)
        assert len(set(codes)) == StaticToken.objects.count() == 10
        assert "10 recovery codes are left" in client.get("/admin/account/security/").text
        client.post("/admin/account/security/", {"codes": ""})
        assert not StaticToken.objects.filter(token__in=codes).exists()
        client.post("/admin/account/security/", {"remove": ""})
        assert not TOTPDevice.objects.exists()
        assert client.get("/admin/").status_code == 200

    def test_a_wrong_code_sets_up_nothing(self, editor, client):
        client.force_login(editor)
        client.get("/admin/account/security/app/")
        for code in ("", "000000", "x", "9" * 5000, "١٢٣٤٥٦"):
            assert "wrong" in client.post("/admin/account/security/app/", {"code": code}).text
        assert not TOTPDevice.objects.exists()

    def test_a_role_that_requires_it_leads_there_first(self, required, sign_in, client):
        sign_in()
        html = client.get("/admin/pages/", follow=True).text
        assert "Your role requires a second factor" in html
        client.post("/admin/second-factor/", {"code": code_for(html)})
        assert client.get("/admin/").status_code == 200
        client.post("/admin/account/security/", {"remove": ""})
        assert TOTPDevice.objects.filter(user=required).exists()

    def test_an_administrator_finds_the_requirement_among_the_permissions(
        self, administrator, client
    ):
        client.force_login(administrator)
        group = Group.objects.get(name="Editors")
        address = reverse("wagtailusers_groups:edit", args=[group.pk])
        assert "Must use a second factor" in client.get(address).text


class ResetTests:
    def test_an_administrator_resets_it_and_the_person_is_told(
        self, protected, administrator, client, sign_in
    ):
        client.force_login(administrator)
        address = reverse("reset_second_factor", args=[protected.pk])
        assert address in client.get(reverse("wagtailusers_users:index")).text
        client.get(address)
        assert TOTPDevice.objects.exists()
        client.post(address)
        assert not TOTPDevice.objects.exists()
        assert mail.outbox[-1].to == [protected.email]
        assert ModelLogEntry.objects.filter(action="home.second_factor_removed").exists()

    def test_nobody_else_may(self, protected, author, client):
        client.force_login(author)
        client.post(reverse("reset_second_factor", args=[protected.pk]))
        assert TOTPDevice.objects.exists()

    def test_an_administrator_may_not_weaken_a_superuser(self, administrator, client):
        root = UserFactory(username="root", is_superuser=True)
        TOTPDevice.objects.create(user=root)
        client.force_login(administrator)
        client.post(reverse("reset_second_factor", args=[root.pk]))
        assert TOTPDevice.objects.exists()
