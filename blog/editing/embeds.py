"""Embeds that are made of their address alone, without a request over the network."""

import re

from django.utils.html import format_html
from wagtail.embeds.exceptions import EmbedNotFoundException
from wagtail.embeds.finders.base import EmbedFinder

PLAYERS = (
    (
        "YouTube",
        re.compile(
            r"https://(?:(?:www\.|m\.)?youtube(?:-nocookie)?\.com/"
            r"(?:watch\?(?:[^#]*&)?v=|embed/|shorts/|live/)|youtu\.be/)(?P<id>[\w-]{11})(?![\w-])"
        ),
        "https://www.youtube-nocookie.com/embed/{}",
    ),
    (
        "Vimeo",
        re.compile(r"https://(?:www\.|player\.)?vimeo\.com/(?:video/)?(?P<id>\d+)(?!\d)"),
        "https://player.vimeo.com/video/{}?dnt=1",
    ),
)


class PrivateFinder(EmbedFinder):
    """Finds the player without cookies of a video at YouTube or Vimeo."""

    def _player(self, url: str):
        for provider, pattern, address in PLAYERS:
            if match := pattern.match(url):
                return provider, address.format(match["id"])
        return None

    def accept(self, url):
        return self._player(url) is not None

    def find_embed(self, url, max_width=None, max_height=None):
        player = self._player(url)
        if player is None:
            raise EmbedNotFoundException(url)
        provider, address = player
        return {
            "title": "",
            "author_name": "",
            "provider_name": provider,
            "type": "video",
            "thumbnail_url": "",
            "width": 640,
            "height": 360,
            "html": format_html(
                '<iframe src="{}" width="640" height="360" allowfullscreen'
                ' referrerpolicy="strict-origin-when-cross-origin"></iframe>',
                address,
            ),
        }
