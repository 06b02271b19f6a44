import datetime as dt
import gzip
import threading
import time

import brotli
import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.http.cookie import parse_cookie
from django.utils import timezone
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from home.page_cache import wsgi
from tests.factories import StandardPageFactory
from tests.home.page_cache.conftest import Reader

TEXT = b"<p>What the page says.</p>" * 100


def page(body=TEXT, status="200 OK", headers=(), calls=None):
    """A WSGI application that gives one answer and counts how often it was asked."""

    def application(environ, start_response):
        if calls is not None:
            calls.append(environ)
        start_response(status, [("Content-Type", "text/html; charset=utf-8"), *headers])
        return [body]

    return application


class KeptAnswerTests:
    def test_the_second_reader_does_not_wait_for_django(self, keep):
        calls = []
        reader = Reader(keep(page(calls=calls)))
        first, second = reader.ask("/"), reader.ask("/")
        assert (first.state, second.state, len(calls)) == ("miss", "hit", 1)
        assert first.body == second.body == TEXT

    def test_head_has_the_headers_of_get_and_no_body(self, keep):
        reader = Reader(keep(page()))
        for state in ("miss", "hit"):
            answer = reader.ask("/", method="HEAD")
            assert (answer.state, answer.body) == (state, b"")
            assert answer.headers["content-length"] == str(len(TEXT))
        assert reader.ask("/").body == TEXT

    @pytest.mark.parametrize(
        ("accepted", "encoding", "decode"),
        [
            ("gzip, deflate, br", "br", brotli.decompress),
            ("gzip", "gzip", gzip.decompress),
            ("br;q=0, gzip", "gzip", gzip.decompress),
            ("identity", None, bytes),
            ("", None, bytes),
        ],
    )
    def test_each_reader_gets_an_encoding_they_take(self, keep, accepted, encoding, decode):
        reader = Reader(keep(page()))
        reader.ask("/")
        answer = reader.ask("/", HTTP_ACCEPT_ENCODING=accepted)
        assert answer.headers.get("content-encoding") == encoding
        assert decode(answer.body) == TEXT
        assert answer.headers["content-length"] == str(len(answer.body))
        assert {v.strip() for v in answer.headers["vary"].split(",")} == {
            "Accept-Encoding",
            "Cookie",
        }

    @pytest.mark.parametrize("accepted", ["text/markdown", "Text/Markdown;q=1"])
    def test_who_asks_for_markdown_asks_django(self, keep, accepted):
        reader = Reader(keep(page()))
        reader.ask("/")
        assert reader.ask("/", HTTP_ACCEPT=accepted).state == "skip"

    def test_who_has_the_page_is_told_so(self, keep):
        reader = Reader(keep(page()))
        etag = reader.ask("/").headers["etag"]
        assert not etag.startswith("W/")
        answer = reader.ask("/", HTTP_IF_NONE_MATCH=f'"other", W/{etag}')
        assert (answer.status, answer.body, answer.headers["etag"]) == (304, b"", etag)
        assert reader.ask("/", HTTP_IF_NONE_MATCH='"other"').status == 200

    def test_who_has_it_since_its_date_is_told_so(self, keep):
        date, other = "Sat, 18 Oct 2014 09:00:00 GMT", "Sun, 19 Oct 2014 09:00:00 GMT"
        dated = Reader(keep(page(headers=[("Last-Modified", date)])))
        for state in ("miss", "hit"):
            answer = dated.ask("/", HTTP_IF_MODIFIED_SINCE=date)
            assert (answer.status, answer.body, answer.state) == (304, b"", state)
            assert answer.headers["last-modified"] == date
        assert dated.ask("/", HTTP_IF_MODIFIED_SINCE=other).status == 200
        # The tag decides where both are sent.
        both = {"HTTP_IF_MODIFIED_SINCE": date, "HTTP_IF_NONE_MATCH": '"other"'}
        assert dated.ask("/", **both).status == 200
        assert Reader(keep(page())).ask("/", HTTP_IF_MODIFIED_SINCE=date).status == 200

    def test_each_encoding_has_an_etag_of_its_own(self, keep):
        reader = Reader(keep(page()))
        etags = {
            reader.ask("/", HTTP_ACCEPT_ENCODING=name).headers["etag"]
            for name in ("", "gzip", "br")
        }
        assert len(etags) == 3


class NeverKeptTests:
    @pytest.mark.parametrize(
        "header",
        [
            ("Set-Cookie", "a=b"),
            ("Cache-Control", "private"),
            ("Cache-Control", "max-age=0, no-store"),
            ("Vary", "Accept-Language"),
        ],
    )
    def test_what_is_not_the_same_for_everybody(self, keep, header):
        reader = Reader(keep(page(headers=[header])))
        assert [reader.ask("/").state for _ in range(2)] == ["skip", "skip"]

    @pytest.mark.parametrize("status", ["500 Internal Server Error", "400 Bad Request", "206 Part"])
    def test_what_went_wrong(self, keep, status):
        reader = Reader(keep(page(status=status)))
        assert [reader.ask("/").state for _ in range(2)] == ["skip", "skip"]

    def test_what_somebody_signed_in_sees(self, keep):
        reader = Reader(keep(page()))
        reader.ask("/")
        answer = reader.ask("/", HTTP_COOKIE="theme=dark; sessionid=abc")
        assert answer.state == "skip"
        assert "private" in answer.headers["cache-control"]

    @given(before=st.text(), name=st.text(max_size=3), after=st.text())
    @example(before='prefs={"a":"b"}; ', name="", after="")
    @example(before='x="un;', name="", after="")
    @example(before="cc[]=1;", name="", after="")
    @example(before="foo;", name="", after="")
    @example(before="a b=c;", name="", after="")
    @example(before="=v;", name="", after="")
    @example(before="Path=/;", name="", after="")
    @example(before="\xa0", name="", after="\xa0")
    @settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    def test_whoever_names_the_session_in_any_way(self, keep, before, name, after):
        reader = Reader(keep(page(headers=[("X-For", "an editor")])))
        cookies = f"{before}sessionid{name}=abc{after}".encode().decode("latin-1")
        assert reader.ask("/", HTTP_COOKIE=cookies).state == "skip"
        assert reader.ask("/").state == "miss"
        # What Django takes for a session is not answered with what strangers see.
        if "sessionid" in parse_cookie(f"{before}sessionid{name}=abc{after}"):
            assert reader.ask("/", HTTP_COOKIE=cookies).state == "skip"

    @pytest.mark.django_db
    @pytest.mark.parametrize(
        "before",
        ['prefs={"a":"b"};', "foo;", "a b=c;", "=v;", 'x="un;', "cc[]=1;", "Path=/;", "é=1;", ","],
    )
    def test_an_editors_page_behind_cookies_that_parsers_disagree_about(
        self, before, reader, editor, client
    ):
        client.force_login(editor)
        session = client.cookies["sessionid"].value
        cookies = f"{before} sessionid={session}".encode().decode("latin-1")
        page = reader.ask("/", HTTP_COOKIE=cookies)
        assert page.state == "skip"
        assert b"userbar" not in page.body or "private" in page.headers["cache-control"]
        assert b"userbar" not in reader.ask("/").body

    @pytest.mark.django_db
    def test_an_answer_that_a_session_was_read_for(self, editor, client):
        assert "private" not in client.get("/").get("Cache-Control", "")
        client.force_login(editor)
        answer = client.get("/")
        assert "userbar" in answer.text
        assert "private" in answer["Cache-Control"]

    def test_a_strangers_cookie_changes_nothing(self, keep):
        reader = Reader(keep(page()))
        reader.ask("/")
        assert reader.ask("/", HTTP_COOKIE="_ga=GA1.2; mysessionidea=1").state == "hit"

    def test_post_and_authorised_requests(self, keep):
        reader = Reader(keep(page()))
        reader.ask("/")
        assert reader.ask("/", method="POST").state == "skip"
        assert reader.ask("/", HTTP_AUTHORIZATION="Bearer x").state == "skip"

    @pytest.mark.django_db
    def test_the_admin_the_search_and_private_pages(self, reader, write):
        private = write("Private", private=True)
        for address in ("/admin/", "/search/?q=post", private.url):
            assert [reader.ask(address).state for _ in range(2)] == ["skip", "skip"], address


class CacheInFrontTests:
    """What a Varnish or a CDN before the site may keep."""

    @pytest.fixture(autouse=True)
    def _cache_in_front(self, settings):
        settings.WAGTAILFRONTENDCACHE = {"default": {}}

    def shared_life(self, answer):
        _words, _name, life = answer.headers.get("cache-control", "").partition("s-maxage=")
        return int(life or 0)

    def test_a_kept_page_for_some_minutes(self, keep):
        reader = Reader(keep(page()))
        for answer in (reader.ask("/"), reader.ask("/"), reader.ask("/", method="HEAD")):
            assert 0 < self.shared_life(answer) <= wsgi.SHARED_MAX_AGE
            # Browsers ask each time.
            assert "max-age=0, must-revalidate" in answer.headers["cache-control"]
        etag = answer.headers["etag"]
        assert self.shared_life(reader.ask("/", HTTP_IF_NONE_MATCH=etag)) > 0

    def test_not_beyond_what_is_planned(self, keep):
        moment = timezone.now() + dt.timedelta(seconds=20)
        reader = Reader(keep(page(), next_moment=lambda: moment))
        for _ in range(2):
            assert 0 < self.shared_life(reader.ask("/")) <= 20

    def test_nothing_that_was_begun_before_a_change(self, keep, counter):
        def application(environ, start_response):
            counter.bump()
            return page()(environ, start_response)

        assert self.shared_life(Reader(keep(application)).ask("/")) == 0

    @pytest.mark.parametrize("header", [("Set-Cookie", "a=b"), ("Cache-Control", "private")])
    def test_nothing_for_one_person_alone(self, keep, header):
        answer = Reader(keep(page(headers=[header]))).ask("/")
        assert "private" in answer.headers["cache-control"]
        assert self.shared_life(answer) == 0
        skipped = Reader(keep(page(headers=[header]))).ask("/admin/")
        assert "private" in skipped.headers["cache-control"]

    def test_nothing_for_somebody_signed_in(self, keep):
        answer = Reader(keep(page())).ask("/", HTTP_COOKIE="sessionid=abc")
        assert answer.headers["cache-control"] == "private, no-cache"

    def test_without_one_nothing_is_kept_on_the_way(self, keep, settings):
        del settings.WAGTAILFRONTENDCACHE
        assert Reader(keep(page())).ask("/").headers["cache-control"] == "no-cache"


class AddressTests:
    @pytest.mark.parametrize("tail", ["utm_source=x", "fbclid=1&utm_medium=mail", "gclid=2"])
    def test_what_advertisers_append_is_not_seen(self, keep, tail):
        calls = []
        reader = Reader(keep(page(calls=calls)))
        assert [reader.ask(f"/?{tail}").state for _ in range(2)] == ["miss", "hit"]
        assert reader.ask("/").state == "hit"
        assert calls[0]["QUERY_STRING"] == ""

    def test_what_pages_read_is_part_of_the_address(self, keep):
        reader = Reader(keep(page()))
        reader.ask("/?page=1")
        assert reader.ask("/?page=2&utm_source=x").state == "miss"
        assert reader.ask("/?page=2").state == "hit"

    def test_hosts_and_schemes_do_not_meet(self, keep):
        reader = Reader(
            keep(lambda environ, start: page(environ["HTTP_HOST"].encode())(environ, start))
        )
        assert reader.ask("/", HTTP_HOST="example.org").body == b"example.org"
        assert reader.ask("/", HTTP_HOST="testserver").body == b"testserver"
        assert (
            reader.ask("/", HTTP_HOST="testserver", **{"wsgi.url_scheme": "https"}).state == "miss"
        )

    @pytest.mark.django_db
    def test_a_forged_host_is_refused_and_changes_nothing(self, reader):
        honest = reader.ask("/", HTTP_HOST="example.org").body
        assert reader.ask("/", HTTP_HOST="evil.example").status == 400
        after = reader.ask("/", HTTP_HOST="example.org", HTTP_X_FORWARDED_HOST="evil.example")
        assert (after.state, after.body) == ("hit", honest)

    def test_ten_thousand_inventions_do_not_push_the_front_page_out(self, keep):
        def application(environ, start):
            found = environ["PATH_INFO"] == "/"
            return page(status="200 OK" if found else "404 Not Found")(environ, start)

        cache = keep(application, megabytes=1)
        reader = Reader(cache)
        reader.ask("/")
        for number in range(5_000):
            reader.ask(f"/{number}/")
            reader.ask(f"/?p={number}")
        assert reader.ask("/").state == "hit"
        assert cache.pages.size + cache.untrusted.size <= 1024 * 1024

    @pytest.mark.parametrize("later", ["404 Not Found", "301 Moved Permanently", "410 Gone"])
    def test_what_answers_where_a_page_was_is_kept_as_well(self, keep, counter, later):
        statuses = iter(["200 OK", later, "500 Rendered Again"])
        cache = keep(lambda environ, start: page(status=next(statuses))(environ, start))
        reader = Reader(cache)
        reader.ask("/gone/")
        counter.bump()
        assert [reader.ask("/gone/").state for _ in range(3)] == ["miss", "hit", "hit"]
        assert (len(cache.pages), len(cache.untrusted)) == (0, 1)

    def test_memory_is_bounded_and_the_oldest_goes_first(self, keep):
        reader = Reader(keep(page(b"x" * 100_000), megabytes=1))
        for number in range(20):
            reader.ask(f"/{number}/")
            reader.ask("/0/")
        assert reader.ask("/0/").state == "hit"
        assert reader.ask("/1/").state == "miss"


class TimeTests:
    def test_a_change_is_seen_by_the_next_reader(self, keep, counter):
        texts = iter([b"before", b"after"])
        reader = Reader(keep(lambda environ, start: page(next(texts))(environ, start)))
        assert reader.ask("/").body == b"before"
        counter.bump()
        answer = reader.ask("/")
        assert (answer.state, answer.body) == ("miss", b"after")

    def test_a_render_begun_before_a_change_is_not_kept_as_if_after_it(self, keep, counter):
        def application(environ, start):
            counter.bump()
            return page(b"before")(environ, start)

        reader = Reader(keep(application))
        assert [reader.ask("/").state for _ in range(2)] == ["miss", "miss"]

    def test_nothing_outlives_the_next_planned_change(self, keep):
        soon = timezone.now() + dt.timedelta(seconds=0.3)
        reader = Reader(keep(page(), next_moment=lambda: soon))
        reader.ask("/")
        assert reader.ask("/").state == "hit"
        time.sleep(0.35)
        assert reader.ask("/").state == "miss"

    def test_trouble_with_the_counter_is_logged_and_the_page_served(self, keep, counter, caplog):
        reader = Reader(keep(page()))
        counter.current = lambda: 1 / 0
        answer = reader.ask("/")
        assert (answer.status, answer.body, answer.state) == (200, TEXT, "skip")
        assert "page cache" in caplog.text

    def test_without_an_answer_about_changes_nothing_is_kept(self, keep, counter):
        reader = Reader(keep(page()))
        counter.current = lambda: None
        assert [reader.ask("/").state for _ in range(2)] == ["skip", "skip"]


class StampedeTests:
    def ask_at_once(self, cache, count=8):
        answers = []
        threads = [
            threading.Thread(target=lambda: answers.append(Reader(cache).ask("/")))
            for _ in range(count)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return answers

    def test_of_many_readers_of_a_cold_page_one_renders(self, keep):
        calls = []

        def application(environ, start):
            time.sleep(0.2)
            return page(calls=calls)(environ, start)

        answers = self.ask_at_once(keep(application))
        assert len(calls) == 1
        assert [answer.body for answer in answers] == [TEXT] * 8

    def test_what_cannot_be_kept_is_rendered_for_each(self, keep):
        calls = []

        def application(environ, start):
            time.sleep(0.05)
            return page(calls=calls, headers=[("Set-Cookie", "a=b")])(environ, start)

        answers = self.ask_at_once(keep(application))
        assert len(calls) == 8
        assert {answer.status for answer in answers} == {200}

    def test_a_render_that_fails_leaves_nobody_waiting(self, keep):
        def application(environ, start):
            raise ValueError("broken")

        cache = keep(application)
        for _ in range(2):
            with pytest.raises(ValueError, match="broken"):
                Reader(cache).ask("/")


@pytest.mark.django_db
class SiteTests:
    def test_all_kinds_of_pages_are_kept_and_equal_to_djangos_own(self, reader, write, home_page):
        write("Soup", tags=["food"])
        StandardPageFactory(parent=home_page, slug="about")
        direct = Reader(WSGIHandler())
        for address in (
            "/",
            "/about/",
            "/blog/",
            "/blog/soup/",
            "/blog/archive/",
            "/blog/2014/",
            "/blog/tags/food/",
            "/blog/authors/",
            "/blog/series/",
            "/blog/feed/",
            "/sitemap.xml",
            "/robots.txt",
            "/blog/soup",
            "/nowhere/",
        ):
            first, second, own = reader.ask(address), reader.ask(address), direct.ask(address)
            assert (first.state, second.state) == ("miss", "hit"), address
            assert first.body == second.body == own.body, address
            assert second.status == own.status, address
