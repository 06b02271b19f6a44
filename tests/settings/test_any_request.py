"""No request, whatever is in it, makes one of our own endpoints fail."""

import pytest
from django.urls import URLResolver, get_resolver
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

pytestmark = pytest.mark.django_db

ROOMS = ("blog.", "home.", "search.", "settings.")
# Examples of what routes take.
PARTS = {
    "<int:revision_id>": "1",
    "<int:pk>": "1",
    "<str:name>": "site.tar",
    "(?P<folder>images|original_images|avatar_images)": "images",
    "(?P<path>.+)": "a.jpg",
    "(?P<on_light>[0-9a-f]{6})": "aabbcc",
    "(?P<on_dark>[0-9a-f]{6})": "aabbcc",
    "(?P<section>posts|pages|news)": "news",
    "(?P<key>[0-9A-Za-z-]{8,128})": "aaaaaaaaaa",
    "(?P<path>(?:[\\w-]+/)*[\\w-]+)": "blog/soup",
    "(?P<form>md|png)": "md",
    "\\.": ".",
    "$": "",
}


def addresses(patterns, prefix="/"):
    for each in patterns:
        here = prefix + str(each.pattern).removeprefix("^")
        if isinstance(each, URLResolver):
            yield from addresses(each.url_patterns, here)
        else:
            view = getattr(each.callback, "view_class", each.callback)
            if view.__module__.startswith(ROOMS):
                for part, example in PARTS.items():
                    here = here.replace(part, example)
                yield here


OWN = sorted({*addresses(get_resolver().url_patterns), "/health/live", "/csp-report"})
HEADERS = ["ACCEPT", "COOKIE", "USER_AGENT", "X_FORWARDED_FOR", "ACCEPT_LANGUAGE", "IF_NONE_MATCH"]
# What a server hands on of a header.
LINE = st.text(st.characters(min_codepoint=1, max_codepoint=255, exclude_characters="\r\n"))


class AnyRequestTests:
    def test_each_address_is_an_example(self):
        assert len(OWN) > 25
        assert not [address for address in OWN if set("<(?") & set(address)]

    @settings(
        max_examples=60,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )
    @given(
        address=st.sampled_from(OWN),
        query=st.text(max_size=40),
        header=st.sampled_from(HEADERS),
        line=LINE,
        body=st.binary(max_size=60),
        method=st.sampled_from(["GET", "POST", "PUT", "OPTIONS"]),
        kind=st.sampled_from(
            ["application/json", "application/x-www-form-urlencoded", "multipart/form-data", "x"]
        ),
    )
    def test_no_request_fails(
        self, write, administrator, client, address, query, header, line, body, method, kind
    ):
        if "admin" in address:
            client.force_login(administrator)
        client.raise_request_exception = False
        answer = client.generic(
            method,
            address,
            body,
            kind,
            QUERY_STRING=query.encode().decode("latin-1"),
            **{f"HTTP_{header}": line},
        )
        assert answer.status_code < 500, (method, address, query, header, line, body)
