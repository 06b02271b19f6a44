import datetime as dt
import html
import re
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blog.importers.imported import ArchiveError, Options
from blog.importers.readers import plain_text

LONDON = ZoneInfo("Europe/London")

ARCHIVE = """\
Sunday, 5 May 2013

The kettle, reconsidered

Our office has bought a second kettle. It holds 1.7 litres & cost £19, which the treasurer  calls
“an investment”…

Nobody has yet asked where it is to be plugged in.

Friday, 3 May 2013

A week's wait … ?

I waited seven days for a reply.

It came on the eighth.

Signs of a thaw in the north?

The river is moving again, slowly, and there are ducks on it.

Somebody should count them soon.

You can’t plan for ducks…

If it were up to me there would be fewer of them, and they would be quieter.
"""


def read(text, **settled):
    data = text.encode() if isinstance(text, str) else text
    posts, undecided, problems = plain_text.parse(data, Options(LONDON, **settled))
    return SimpleNamespace(posts=posts, undecided=undecided, problems=problems)


def paragraphs(post):
    return [html.unescape(text) for text in re.findall(r"<p>(.*?)</p>", post.html, re.DOTALL)]


def titles(posts):
    return [post.title for post in posts]


def day(*parts):
    """An archive of one day with these paragraphs, whose first is on line 3."""
    return "\n\n".join(["Friday, 3 May 2013", *parts])


PROSE = "The chairman spoke for an hour, and nobody in the hall could say afterwards what about."


class ArchiveTests:
    def test_a_date_opens_a_day_of_one_or_more_posts(self):
        archive = read(ARCHIVE.replace("You can’t plan for ducks…", "No end of ducks"))
        assert [(post.title, str(post.published_at.date())) for post in archive.posts] == [
            ("The kettle, reconsidered", "2013-05-05"),
            ("A week's wait … ?", "2013-05-03"),
            ("Signs of a thaw in the north?", "2013-05-03"),
            ("No end of ducks", "2013-05-03"),
        ]
        assert not archive.problems
        assert not archive.undecided

    def test_every_paragraph_and_character_is_kept(self):
        post = read(ARCHIVE).posts[0]
        assert paragraphs(post) == [
            "Our office has bought a second kettle. It holds 1.7 litres & cost £19, which the"
            " treasurer  calls “an investment”…",
            "Nobody has yet asked where it is to be plugged in.",
        ]

    def test_markup_in_the_text_is_text(self):
        (post,) = read(day("On <b>brackets</b>", "Is 1 < 2 & 3 > 2? Yes.")).posts
        assert post.title == "On <b>brackets</b>"
        assert post.html == "<p>Is 1 &lt; 2 &amp; 3 &gt; 2? Yes.</p>"

    def test_a_list_with_the_newest_first_has_the_order_of_the_file(self):
        text = day(
            "One thing more", PROSE, "Another thing altogether", PROSE, "The last of all", PROSE
        )
        posts = read(text).posts
        newest_first = sorted(posts, key=lambda post: post.published_at, reverse=True)
        assert titles(newest_first) == titles(posts)
        assert [post.published_at.time() for post in posts] == [
            dt.time(12, 2),
            dt.time(12, 1),
            dt.time(12),
        ]

    def test_where_dates_ascend_the_first_post_of_a_day_is_the_oldest(self):
        text = day("One thing more", PROSE, "Another thing altogether", PROSE)
        first, second, _last = read(f"{text}\n\nSaturday, 4 May 2013\n\nThe last\n\n{PROSE}").posts
        assert first.published_at < second.published_at

    def test_a_post_keeps_its_name_and_time_when_the_archive_grows_at_its_top(self):
        before = read(day("The same title here", PROSE)).posts[0]
        after = read(day("The same title here", PROSE, "The same title here", PROSE)).posts
        assert after[1] == before or after[1].source_id == before.source_id
        assert after[1].published_at == before.published_at
        assert after[0].source_id != before.source_id

    def test_line_ends_and_marks_of_other_systems_make_no_difference(self):
        plain = read(ARCHIVE)
        assert read(b"\xef\xbb\xbf" + ARCHIVE.replace("\n", "\r\n").encode()) == plain
        assert read(ARCHIVE.replace("\n", "\r")) == plain

    @pytest.mark.parametrize(
        "date",
        [
            "Friday, 3 May 2013",
            "friday 3rd May 2013",
            "Friday, May 3, 2013",
            "3 May 2013",
            "May 3rd, 2013",
        ],
    )
    def test_dates_are_read_as_they_are_usually_written(self, date):
        (post,) = read(f"{date}\n\nA title\n\n{PROSE}\n").posts
        assert post.published_at == dt.datetime(2013, 5, 3, 12, tzinfo=LONDON)


class TitleTests:
    @pytest.mark.parametrize(
        "line",
        [
            "Somebody should count them soon.",
            "It said “nobody knows.”",
            "one of which was small",
            "There are three reasons:",
            "It was the council’s.",
            "On and on goes a line of which nobody would ever make a title" + ", and on and on" * 7,
        ],
    )
    def test_a_short_paragraph_is_no_title(self, line):
        archive = read(day("A title", PROSE, line, PROSE))
        assert titles(archive.posts) == ["A title"]
        assert paragraphs(archive.posts[0]) == [PROSE, line, PROSE]
        assert not archive.problems

    @pytest.mark.parametrize(
        "line",
        [
            "Staff shortages in the north",
            "Signs of a thaw in the north?",
            "Another week, another inquiry …",
            "‘The long night’ - a new series on television",
            "£340 for an afternoon",
        ],
    )
    def test_a_line_that_is_no_sentence_is_a_title(self, line):
        archive = read(day("A title", PROSE, line, PROSE))
        assert titles(archive.posts) == ["A title", line]
        assert not archive.problems

    @pytest.mark.parametrize(
        "line",
        [
            "Really?",
            "And what about us?",
            "Is it too late to ask?",
            "Who would have thought it…",
            "“Shut that door and sit down!”",
            "Ducks",
            "Written by Dr. S. P.",
            "Not so. Why should they?",
            "18 May 2013",
        ],
    )
    def test_what_may_be_either_is_reported_and_held_back(self, line):
        archive = read(day("A title", PROSE, line, PROSE))
        assert not archive.posts
        assert archive.undecided
        (problem,) = archive.problems
        assert problem.line == 7
        assert line in problem.message
        assert "--title 7" in problem.message
        assert "--paragraph 7" in problem.message

    def test_two_lines_like_titles_are_not_told_apart(self):
        archive = read(day("A title", PROSE, "Housing and benefits again", "Ducks in a row", PROSE))
        assert {problem.line for problem in archive.problems} >= {7}
        assert not archive.posts

    def test_an_undecided_line_holds_back_its_own_day_only(self):
        archive = read(ARCHIVE)
        assert titles(archive.posts) == ["The kettle, reconsidered"]
        assert titles(archive.undecided) == ["A week's wait … ?", "Signs of a thaw in the north?"]
        (problem,) = archive.problems
        assert problem.line == 24

    def test_a_person_settles_it(self):
        settled = read(ARCHIVE, titles=[24])
        assert settled.posts[-1].title == "You can’t plan for ducks…"
        assert not settled.problems
        kept = read(ARCHIVE, paragraphs=[24])
        assert paragraphs(kept.posts[-1])[2] == "You can’t plan for ducks…"
        assert not kept.problems

    def test_a_line_number_that_names_no_paragraph_is_refused(self):
        for line in (0, 1, 2, 999):
            with pytest.raises(ArchiveError, match=f"--title {line}"):
                read(ARCHIVE, titles=[line])


class ProblemTests:
    def test_a_weekday_that_contradicts_its_date_is_reported_and_its_day_held_back(self):
        archive = read(ARCHIVE.replace("Sunday, 5 May", "Monday, 5 May"), titles=[24])
        (problem,) = archive.problems
        assert (problem.line, "was a Sunday" in problem.message) == (1, True)
        assert titles(archive.undecided) == ["The kettle, reconsidered"]
        assert len(archive.posts) == 3

    def test_a_date_no_calendar_has_is_reported_and_nothing_below_it_is_dated(self):
        archive = read(ARCHIVE.replace("Sunday, 5 May", "Sunday, 31 June"), titles=[24])
        (problem,) = archive.problems
        assert problem.line == 1
        assert "The kettle, reconsidered" not in titles(archive.posts + archive.undecided)

    def test_text_before_the_first_date_is_reported(self):
        archive = read(f"My weblog\n\nAbout me\n\n{day('A title', PROSE)}")
        (problem,) = archive.problems
        assert problem.line == 1
        assert titles(archive.posts) == ["A title"]

    def test_a_date_with_a_full_stop_opens_a_day(self):
        assert titles(read(f"Friday, 3 May 2013.\n\nA title\n\n{PROSE}").posts) == ["A title"]

    @pytest.mark.parametrize(
        "line", ["Sunday, 5 May 2013, Whitby", "Whitby, Sunday, 5 May 2013 (evening)"]
    )
    def test_a_date_with_a_place_is_a_problem_and_never_silently_text(self, line):
        archive = read(day("A title", PROSE, line, "Another title here", PROSE))
        assert archive.problems[0].line == 7
        assert not archive.posts

    def test_a_date_within_a_paragraph_is_reported(self):
        archive = read(day("A title", f"We met on\nSunday, 5 May 2013\nand left. {PROSE}"))
        (problem,) = archive.problems
        assert problem.line == 6
        assert not archive.posts
        (post,) = read(
            day("A title", f"We met on\nSunday, 5 May 2013\nand left. {PROSE}"), paragraphs=[6]
        ).posts
        assert paragraphs(post) == [f"We met on Sunday, 5 May 2013 and left. {PROSE}"]

    @pytest.mark.parametrize(
        ("parts", "line"),
        [
            (["A title", "And one more title alone"], 5),
            (["A title alone"], 3),
            ([f"{PROSE} {PROSE}", PROSE], 3),
            (["A title\nand its text together", PROSE], 3),
        ],
    )
    def test_a_day_without_a_title_and_its_text_is_reported(self, parts, line):
        archive = read(day(*parts))
        assert [problem.line for problem in archive.problems] == [line]
        assert not archive.posts

    def test_a_day_without_anything_is_reported(self):
        archive = read(f"Saturday, 4 May 2013\n\n{day('A title', PROSE)}")
        assert [problem.line for problem in archive.problems] == [1]
        assert titles(archive.posts) == ["A title"]


class NoArchiveTests:
    @pytest.mark.parametrize("data", [b"", b"\xef\xbb\xbf", b" \r\n\t\n"])
    def test_an_empty_file(self, data):
        with pytest.raises(ArchiveError, match="empty"):
            read(data)

    def test_a_file_without_a_date(self):
        with pytest.raises(ArchiveError, match="no archive of dated posts"):
            read("Dear diary\n\nNothing happened.\n")

    def test_a_file_in_another_encoding_names_the_place(self):
        data = day("A title", "It cost £3.").encode("latin-1")
        with pytest.raises(ArchiveError, match=r"line 5 has the byte 0xA3 at position 37"):
            read(data)
        with pytest.raises(ArchiveError, match=r"line 5 has the byte 0xA3 at position 40"):
            read(b"\xef\xbb\xbf" + data)

    def test_a_file_that_is_no_text_names_the_place(self):
        with pytest.raises(ArchiveError, match=r"line 3 has the character U\+0000"):
            read(day("A\0title", PROSE))


WORDS = st.sampled_from(
    ["river", "ducks", "£19", "council’s", "“quiet”", "café", "12%", "&", "<b>"]
)
TITLES = st.lists(WORDS, min_size=2, max_size=8).map(" ".join).map("The {}".format)
SENTENCES = st.lists(WORDS, min_size=1, max_size=30).map(" ".join).map("It was {}.".format)
# One that was wrapped comes back on one line.
TEXTS = st.lists(SENTENCES, min_size=1, max_size=3)
POSTS = st.tuples(TITLES, st.lists(TEXTS, min_size=1, max_size=4))
DAYS = st.dictionaries(
    st.dates(dt.date(1990, 1, 1), dt.date(2030, 1, 1)),
    st.lists(POSTS, min_size=1, max_size=3),
    min_size=1,
    max_size=4,
).map(lambda days: sorted(days.items(), reverse=True))


@settings(deadline=None)
@given(days=DAYS, wrap=st.sampled_from(["\n", " "]), end=st.sampled_from(["\n", "\r\n"]))
def test_what_was_saved_is_what_is_read(days, wrap, end):
    parts = []
    for date, posts in days:
        parts.append(f"{date:%A}, {date.day} {date:%B} {date.year}")
        for title, texts in posts:
            parts += [title, *(wrap.join(sentences) for sentences in texts)]
    archive = read((end * 2).join(part.replace("\n", end) for part in parts) + end)
    assert not archive.problems
    assert [(post.published_at.date(), post.title, paragraphs(post)) for post in archive.posts] == [
        (date, title, [" ".join(sentences) for sentences in texts])
        for date, posts in days
        for title, texts in posts
    ]
    assert len({post.source_id for post in archive.posts}) == len(archive.posts)


@settings(deadline=None)
@given(
    st.one_of(
        st.binary(max_size=200),
        st.text(max_size=300).map(str.encode).map(lambda text: b"Friday, 3 May 2013\n" + text),
        st.lists(
            st.one_of(
                st.sampled_from(
                    ["Friday, 3 May 2013", "Monday, 31 June 2013", "", "", "Ducks?", "…"]
                ),
                st.text(max_size=40),
            )
        ).map(lambda lines: "\n".join(lines).encode()),
    )
)
def test_no_file_makes_the_reader_stumble(data):
    try:
        archive = read(data)
    except ArchiveError:
        return
    count = data.decode("utf-8-sig").replace("\r\n", "\n").count("\n") + data.count(b"\r") + 1
    assert all(1 <= problem.line <= count + data.count(b"\f") for problem in archive.problems)
    for post in archive.posts:
        assert post.title
        assert paragraphs(post)
