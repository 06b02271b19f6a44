"""The sizes of a photo are there before a reader asks for them."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.db.models import QuerySet
from django.template import engines
from jinja2 import nodes
from PIL import AvifImagePlugin, Image
from willow.image import Image as WillowImage

from blog.models import Photo, PhotoRendition
from blog.models.photo import SIZES, filter_specs
from blog.photos import renditions
from tests.factories import PhotoFactory

pytestmark = pytest.mark.django_db


def gallery(*photos):
    value = [
        {"image": {"image": photo.pk, "alt_text": "", "decorative": False}, "caption": ""}
        for photo in photos
    ]
    return {"type": "gallery", "value": {"title": "", "photos": value}}


def asked_for():
    """The places whose sizes readers' templates ask for."""
    environment = engines["jinja2"].env
    for name in environment.list_templates(filter_func=lambda name: name.endswith(".html")):
        source, *_ = environment.loader.get_source(environment, name)
        for call in environment.parse(source).find_all(nodes.Call):
            if getattr(call.node, "name", "") in {"image", "picture"}:
                size = call.args[1]
                if isinstance(size, nodes.Const):
                    assert size.value in filter_specs(), name
                else:
                    assert size.node.name == "photo_sizes", name
                    yield size.attr


def test_what_is_made_is_what_templates_ask_for():
    assert sorted({*asked_for(), "share"}) == sorted(SIZES)
    assert SIZES["share"] == settings.WAGTAILMETADATA_IMAGE_FILTER


def test_what_the_site_tells_of_its_logo_is_made():
    for path in settings.BASE_DIR.glob("home/models/*.py"):
        for spec in re.findall(r'get_rendition\("([^"]+)"\)', path.read_text()):
            assert spec in filter_specs()


def test_no_reader_waits_for_a_photo(write, client):
    cover, first, second = PhotoFactory.create_batch(3)
    post = write(cover=cover, body=[gallery(first, second)])
    renditions.make_due()
    made = PhotoRendition.objects.count()
    blog_url = post.get_parent().url
    for address in (post.url, blog_url, blog_url + "feed/", blog_url + "feed/json/"):
        assert client.get(address).status_code == 200
    assert PhotoRendition.objects.count() == made > 0


def test_publishing_makes_what_is_missing(write, django_capture_on_commit_callbacks):
    shown, other = PhotoFactory.create_batch(2)
    post = write(cover=shown, live=False)
    with django_capture_on_commit_callbacks(execute=True):
        post.save_revision().publish()
    assert shown.renditions.count() == len(filter_specs())
    assert not other.renditions.exists()


class WhatIsDueTests:
    def test_it_is_made_once(self, monkeypatch):
        PhotoFactory.create_batch(2)
        assert renditions.make_due() == 2
        assert renditions.make_due() == 0

    def test_a_changed_focal_point_is_due(self):
        photo = PhotoFactory()
        renditions.make_due()
        photo.refresh_from_db()
        photo.focal_point_x, photo.focal_point_y = 1, 1
        photo.focal_point_width = photo.focal_point_height = 2
        photo.save()
        renditions.make_due()
        squares = photo.renditions.filter(filter_spec="format-jpeg|fill-80x80")
        assert squares.values("focal_point_key").distinct().count() == 2

    def test_one_that_is_no_picture_holds_up_no_other(self, caplog):
        broken, whole = PhotoFactory.create_batch(2)
        broken.file.save("broken.jpg", ContentFile(b"no picture"), save=False)
        Photo.objects.filter(pk=broken.pk).update(file=broken.file.name)
        call_command("make_renditions")
        assert whole.renditions.count() == len(filter_specs())
        assert f"photo {broken.pk}" in caplog.text
        assert renditions.make_due() == 0

    def test_one_that_was_in_hand_when_the_worker_was_stopped_stays_due(self, monkeypatch):
        photo = PhotoFactory()

        def stop(*args):
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(Photo, "get_renditions", stop)
            call_command("make_renditions")
        assert renditions.make_due() == 1
        assert photo.renditions.count() == len(filter_specs())


def test_avif_is_written_with_less_effort(monkeypatch, tmp_path):
    efforts = []
    monkeypatch.setattr(
        AvifImagePlugin, "_save", lambda image, *args: efforts.append(image.encoderinfo["speed"])
    )
    Image.new("RGB", (8, 8)).save(tmp_path / "plain.png")
    with (tmp_path / "plain.png").open("rb") as file, (tmp_path / "a.avif").open("wb") as out:
        WillowImage.open(file).save_as_avif(out, apply_optimizers=False)
    assert efforts == [renditions.AVIF_SPEED]
    assert Path(tmp_path / "a.avif").exists()


def test_of_two_that_make_a_size_at_once_both_show_the_files_that_stay(monkeypatch):
    photo = PhotoFactory()
    rival = Photo.objects.get(pk=photo.pk)
    bulk_create = QuerySet.bulk_create

    def too_late(self, objects, **options):
        monkeypatch.undo()
        rival.get_renditions("width-40", "width-50")
        return bulk_create(self, objects, **options)

    monkeypatch.setattr(QuerySet, "bulk_create", too_late)
    shown = photo.get_renditions("width-40", "width-50")
    kept = {r.filter_spec: r.file.name for r in PhotoRendition.objects.filter(image=photo)}
    assert {spec: rendition.file.name for spec, rendition in shown.items()} == kept
    folder = Path(settings.MEDIA_ROOT) / "images"
    stem = Path(photo.file.name).stem
    assert len(list(folder.glob(f"{stem}*"))) == len(kept)
