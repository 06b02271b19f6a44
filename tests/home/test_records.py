"""What leaves with a site, and comes back the same."""

import datetime as dt
import itertools
import shutil
from pathlib import Path

import pytest
from django.apps import apps
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from wagtail.models import Page

from blog.models import BlogIndexPage, PostPage
from home.transfer import records, site_import
from home.transfer.site_export import export_site
from tests.factories import AuthorFactory, PhotoFactory, PostPageFactory, SeriesFactory

# What stays, and why.
STAYS = {
    "accounts, and what belongs to them": {
        "home.User",
        "wagtailusers.UserProfile",
        "wagtailadmin.EditingSession",
        "wagtailadmin.FormState",
        "wagtailcore.APIToken",
        "wagtailcore.Comment",
        "wagtailcore.CommentReply",
        "wagtailcore.PageSubscription",
        "wagtailcore.UploadedFile",
        "sessions.Session",
        "axes.AccessAttempt",
        "axes.AccessAttemptExpiration",
        "axes.AccessFailureLog",
        "axes.AccessLog",
        "otp_static.StaticDevice",
        "otp_static.StaticToken",
        "otp_totp.TOTPDevice",
        "django_otp_webauthn.WebAuthnAttestation",
        "django_otp_webauthn.WebAuthnCredential",
        "django_otp_webauthn.WebAuthnUserHandle",
    },
    "made anew from the rest": {
        "blog.PhotoRendition",
        "wagtailcore.ReferenceIndex",
        "wagtailimages.Image",
        "wagtailimages.Rendition",
        "wagtailsearch.IndexEntry",
        "wagtailsearch.SQLiteFTSIndexEntry",
        "wagtailadmin.Admin",
        "auth.Permission",
        "contenttypes.ContentType",
    },
    "of this machine's running": {
        "blog.ArchiveImport",
        "blog.Attempt",
        "blog.Worker",
        "search.ChangedSearch",
        "search.SearchChange",
        "search.SearchMachine",
        "search.SearchSequence",
        "search.SearchedDay",
        "wagtailsearchpromotions.QueryDailyHits",
    },
}
NUMBERS = itertools.count()
OWN = {"wagtailcore.Page", "wagtailcore.Revision"}

WORDS = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\x00"), max_size=40
)
BLOCKS = st.lists(
    st.one_of(
        WORDS.map(lambda text: ("paragraph", f"<p>{text.replace('<', '')}</p>")),
        WORDS.map(lambda text: ("quote", {"text": f"<p>{text.replace('<', '')}</p>"})),
        st.just("photo"),
        st.just("link"),
    ),
    max_size=4,
)
STATES = st.sampled_from(["live", "draft", "scheduled", "edited", "private", "expiring"])
POSTS = st.lists(st.tuples(WORDS, BLOCKS, STATES, st.booleans()), max_size=5)


def test_every_kind_of_row_leaves_or_is_known_to_stay():
    leaves = {*records.SITE, *records.HISTORY, *records.OF_A_PAGE, *OWN}
    models = {model._meta.label for model in apps.get_models()}
    # Only SQLite has that table, and only the tests have notices.
    sometimes = {"wagtailsearch.SQLiteFTSIndexEntry", "notices.Notice"}
    stays = set().union(*STAYS.values())
    assert leaves.isdisjoint(stays)
    assert models - sometimes == (leaves | stays) - sometimes


def write(blog, title, blocks, state, described):
    photo, other = PhotoFactory(), PostPage.objects.first()
    link = f'<p><a linktype="page" id="{other.pk}">there</a></p>' if other else "<p>no</p>"
    body = [
        ("photo", {"image": photo})
        if block == "photo"
        else ("paragraph", link)
        if block == "link"
        else block
        for block in blocks
    ]
    post = PostPageFactory(
        parent=blog,
        title=title.strip() or "Untitled",
        # Hypothesis may give the same title twice.
        slug=f"letter-{next(NUMBERS)}",
        body=body,
        live=state in {"live", "edited", "private", "expiring"},
        authors=[AuthorFactory()],
        tags=["sea", "salt"] if described else [],
        series=SeriesFactory() if described else None,
        cover=photo if described else None,
        private=state == "private",
    )
    if state == "edited":
        post.introduction = "What comes next."
        post.save_revision()
    if state == "scheduled":
        post.go_live_at = timezone.now() + dt.timedelta(days=3)
        post.save_revision().publish()
    if state == "expiring":
        post.expire_at = timezone.now() + dt.timedelta(days=3)
        post.save_revision().publish()


def files(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.mark.django_db(transaction=True)
@settings(
    max_examples=6,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(posts=POSTS, history=st.booleans())
def test_a_site_comes_back_as_it_left(posts, history, tmp_path, monkeypatch):
    monkeypatch.setattr(site_import, "is_empty", lambda: True)
    monkeypatch.setattr(site_import, "call_command", lambda *args, **kwargs: None)
    blog = BlogIndexPage.objects.first()
    for post in posts:
        write(blog, *post)
    before, after = Path(tmp_path / "before"), Path(tmp_path / "after")
    for folder in (before, after):
        shutil.rmtree(folder, ignore_errors=True)
    export_site(before, history=history, progress=lambda number: None)
    site_import.import_site(before, progress=lambda number: None)
    export_site(after, history=history, progress=lambda number: None)
    assert files(before) == files(after)
    Page.fix_tree()
    PostPageFactory(parent=BlogIndexPage.objects.first())
