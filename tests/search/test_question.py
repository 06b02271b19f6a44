import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.question import LONGEST_QUERY, understood


class UnderstandingTests:
    def test_each_operator_is_told_from_the_words(self):
        asked = understood(
            'night "out of hours" visits -office -"head office" author:smith tag:"home care"'
            " before:2015 after:2014-10"
        )
        assert asked.words == ("night", "visits")
        assert asked.phrases == ("out of hours",)
        assert asked.values("word", is_wanted=False) == ("office",)
        assert asked.values("phrase", is_wanted=False) == ("head office",)
        assert asked.values("author") == ("smith",)
        assert asked.values("tag") == ("home care",)
        assert asked.day("before") == dt.date(2015, 1, 1)
        assert asked.day("after") == dt.date(2014, 10, 1)

    @pytest.mark.parametrize("query", ["“out of hours”", "„out of hours“", "«out of hours»"])
    def test_any_quotation_marks_will_do(self, query):
        assert understood(query).phrases == ("out of hours",)

    def test_a_hyphen_inside_a_word_leaves_nothing_out(self):
        assert understood("well-being - home").words == ("well-being", "home")

    @pytest.mark.parametrize("query", ["before:yesterday", "after:2014-13", "before:2014-02-30"])
    def test_what_is_no_date_is_told(self, query):
        asked = understood(query)
        assert asked.values("ignored") == (query,)
        assert asked.day("before") is asked.day("after") is None

    @pytest.mark.parametrize("query", ["", '"', "-", "...", "\x00", "tag:", 'author:""', "- -"])
    def test_nothing_may_be_asked(self, query):
        assert not understood(query)

    def test_its_words_can_be_asked_for_alone(self):
        asked = understood('night “out of hours” -office author:smith tag:"home care" before:2015')
        assert asked.is_narrowed
        assert asked.wanted == 'night "out of hours"'
        assert not understood(asked.wanted).is_narrowed

    @given(st.text())
    def test_anything_is_understood(self, query):
        asked = understood(query)
        assert len(asked.text) <= LONGEST_QUERY
        assert all(any(char.isalnum() for char in word) for word in asked.words)

    def test_a_correction_keeps_the_rest(self):
        asked = understood('libary "libary hours" -libaries tag:libary')
        spelt = asked.spelt({"libary": "library"})
        assert spelt.words == ("library",)
        assert spelt.phrases == ("libary hours",)
        assert understood(spelt.text).words == ("library",)
