"""What a reader may have wanted who asked for an address at which there is nothing."""

import re
from urllib.parse import unquote

from blog.models import PostPage
from search.answers import answer_to
from search.results import Result
from search.suggestions import newest_posts

MOST = 3
# Of an address so many words are looked for, each of so many letters: anybody can make one up.
WORDS = 8
LONGEST = 40


def words_of(path: str) -> str:
    """Return the words of the last part of a path; empty for a file, such as `/wp-login.php`."""
    last = unquote(path).rstrip("/").rpartition("/")[2]
    if "." in last:
        return ""
    words = re.findall(r"[^\W_]+", last)
    return " ".join(word for word in words[:WORDS] if len(word) <= LONGEST)


def guesses(path: str, section: str = "") -> tuple[list[Result], list[PostPage]]:
    """Return the likeliest posts for a path, and the newest ones of the others."""
    words = words_of(path)
    found = answer_to(words, section=section).results if words else []
    likely = [result for result in found if result.post][:MOST]
    named = {result.post.pk for result in likely}
    return likely, [post for post in newest_posts(section) if post.pk not in named]
