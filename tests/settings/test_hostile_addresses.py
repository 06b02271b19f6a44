import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

pytestmark = pytest.mark.django_db


class WhatDoesNotExistTests:
    @pytest.mark.parametrize(
        "address",
        [
            "/nothing-here/",
            "/blog/nothing-here/",
            "/blog/0/",
            "/blog/0000/",
            "/blog/3000/",
            "/blog/99999/",
            "/blog/1066/",
            "/blog/2014/13/",
            "/blog/2014/00/",
            "/blog/2014/2/",
            "/blog/2014/02/30/",
            "/blog/2015/02/29/",
            "/blog/2014/10/32/",
            "/blog/2014/10/18/12/",
            "/blog/tags/nobody-used-this/",
            "/blog/authors/nobody/",
            "/blog/series/none/",
            "/blog/?page=abc",
            "/blog/?page=-1",
            "/blog/?page=0",
            "/blog/?page=2",
            "/blog/?page=99999999999999999999999",
            "/blog/?page=1.5",
            "/blog/?page=%00",
            "/blog/%00/",
            "/%00",
            "/blog/tags/%00/",
            "/blog/authors/a%00b/",
            "/blog/%ff%fe/",
            "/" + "a" * 10_000 + "/",
            "/blog/" + "a" * 10_000 + "/",
            "/blog/tags/" + "é" * 10_000 + "/",
            "/blog/" + "a/" * 2_000,
            "/documents/999999/none.pdf",
            "/media/images/none.jpg",
            "/media/../../etc/passwd",
            "/media/images/%00.jpg",
        ],
        ids=lambda address: address[:40],
    )
    def test_it_is_not_found(self, address, write, client):
        write()
        assert client.get(address).status_code == 404

    def test_the_not_found_page_wears_the_sites_dress(self, blog, client):
        html = client.get("/nothing-here/").text
        assert "There is no page at this address" in html
        assert 'name="q"' in html

    @pytest.mark.parametrize("address", ["/?page=abc", "/blog/?utm_source=%00&x[]=1", "/?%00=%00"])
    def test_what_no_page_reads_changes_nothing(self, address, blog, client):
        assert client.get(address).status_code == 200


class AnyAddressTests:
    @settings(
        max_examples=60,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(
        prefix=st.sampled_from(
            ["/", "/blog/", "/blog/2014/", "/blog/tags/", "/blog/?page=", "/search/?q="]
        ),
        rest=st.text(max_size=60),
    )
    def test_no_address_breaks_the_site(self, blog, client, prefix, rest):
        path, _, query = (prefix + rest).partition("?")
        response = client.get(
            path or "/", query_params=None, QUERY_STRING=query.encode().decode("latin-1")
        )
        assert response.status_code in {200, 301, 302, 400, 404}
