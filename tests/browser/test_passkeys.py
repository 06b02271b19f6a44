"""A passkey is added, signs in as the second factor, and is removed."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.server import Server, free_port

pytestmark = [pytest.mark.browser, pytest.mark.once]

ACCOUNTS = """
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from home.accounts.second_factor import REQUIRED
for name in ("author", "editor", "administrator"):
    user = get_user_model().objects.create_user(name, f"{name}@example.org", "password")
    user.groups.add(Group.objects.get(name=f"{name}s".capitalize()))
Group.objects.get(name="Authors").permissions.add(Permission.objects.get(codename=REQUIRED))
"""
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}
SECURITY = "/admin/account/security/"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A site of its own, as a role requires a second factor; under a name, as passkeys need."""
    server = Server(tmp_path_factory.mktemp("site"), free_port())
    server.run(ACCOUNTS)
    server.start()
    server.address = server.address.replace("127.0.0.1", "localhost")
    yield server
    server.stop()


@pytest.fixture
def browser(visit, site):
    """A window with an authenticator, of which the policy refuses nothing."""
    page = visit(f"{site.address}/admin/login/")
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    page.refused = []
    page.on("console", lambda line: "Content Security" in line.text and page.refused.append(line))
    yield page
    assert not [line.text for line in page.refused]


def sign_in(page, site, name):
    page.goto(f"{site.address}/admin/login/")
    page.locator("[name=username]").fill(name)
    page.locator("[name=password]").fill("password")
    page.get_by_role("button", name="Sign in").click()


def sign_out(page):
    page.context.clear_cookies()


def add_passkey(page):
    """Add a passkey; returns the recovery codes, if any are shown."""
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_role("heading", name=re.compile("Recovery codes"))).to_be_visible()
    return page.locator("main li code").all_inner_texts()


class PasskeyTests:
    def test_it_is_the_only_factor_until_it_is_removed(self, browser, site):
        sign_in(browser, site, "editor")
        browser.wait_for_url("**/admin/")
        browser.goto(site.address + SECURITY)
        codes = add_passkey(browser)
        assert len(codes) == 10

        sign_out(browser)
        sign_in(browser, site, "editor")
        expect(browser.get_by_role("heading", name="Second factor")).to_be_visible()
        browser.goto(f"{site.address}/admin/second-factor/?next={SECURITY}")
        browser.get_by_role("button", name="Use a passkey").click()
        browser.wait_for_url(site.address + SECURITY)

        # Who has lost it has the codes.
        sign_out(browser)
        sign_in(browser, site, "editor")
        browser.get_by_label("Code").fill(codes[0])
        browser.get_by_role("button", name="Continue").click()
        browser.wait_for_url("**/admin/")

        browser.goto(site.address + SECURITY)
        expect(browser.get_by_text("9 recovery codes are left")).to_be_visible()
        browser.get_by_role("button", name="Remove", exact=True).click()
        expect(browser.get_by_text("The passkey was removed")).to_be_visible()
        sign_out(browser)
        sign_in(browser, site, "editor")
        browser.wait_for_url("**/admin/")

    def test_a_role_that_requires_a_factor_is_content_with_it(self, browser, site):
        sign_in(browser, site, "author")
        expect(browser.get_by_text("Your role requires a second factor")).to_be_visible()
        add_passkey(browser)
        browser.goto(f"{site.address}/admin/")
        expect(browser.get_by_role("heading", name="author")).to_be_visible()
        browser.goto(site.address + SECURITY)
        browser.get_by_role("button", name="Remove", exact=True).click()
        expect(browser.get_by_text("add another first")).to_be_visible()

        # Of somebody who has lost it, an administrator removes it.
        pk = site.run("from home.models import User; print(User.objects.get(username='author').pk)")
        sign_out(browser)
        sign_in(browser, site, "administrator")
        browser.wait_for_url("**/admin/")
        browser.goto(f"{site.address}/admin/users/{pk}/reset-second-factor/")
        browser.get_by_role("button", name="Remove").click()
        sign_out(browser)
        sign_in(browser, site, "author")
        expect(browser.get_by_text("Your role requires a second factor")).to_be_visible()
