"""No photo tells where it was taken, whichever way it came in."""

import contextlib
import io
import struct
import zlib

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db.models.fields.files import ImageFieldFile
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms, PngImagePlugin
from wagtail.images.models import WagtailImageFieldFile
from wagtail.users.models import UserProfile

from blog.importers.media import add_photo
from blog.models import Photo
from blog.photos.metadata import without_metadata

PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><exif:GPSLatitude>51,30N SECRETPLACE</exif:GPSLatitude>'
# Turned by a quarter: what is 40 wide is shown 30 wide.
TURNED = 6


def exif():
    found = Image.Exif()
    found[0x0112] = TURNED
    found[0x010F] = "SECRETPLACE camera"
    gps = found.get_ifd(0x8825)
    gps[1], gps[2] = "N", (51.0, 30.0, 0.0)
    gps[27] = b"ASCII\0\0\0SECRETPLACE"
    return found


def picture():
    image = Image.new("RGB", (40, 30), "navy")
    image.paste("orange", (0, 0, 12, 9))
    return image


def saved(kind, image=None, **options):
    out = io.BytesIO()
    (image or picture()).save(out, kind, **options)
    return out.getvalue()


def jpeg():
    data = saved("JPEG", exif=exif(), xmp=XMP, icc_profile=PROFILE, comment=b"SECRETPLACE")
    body = b"Photoshop 3.0\x008BIM\x04\x04\0\0\0\x0f\x1c\x02\x5a\0\x0bSECRETPLACE\0"
    iptc = b"\xff\xed" + struct.pack(">H", len(body) + 2) + body
    preview = b"\xff\xe2" + struct.pack(">H", 17) + b"MPF\0SECRETPLACE"
    # As telephones do it: a second picture, with its own place, follows the first.
    return data[:2] + iptc + preview + data[2:] + saved("JPEG", exif=exif())


def png():
    text = PngImagePlugin.PngInfo()
    text.add_text("Location", "SECRETPLACE")
    text.add_itxt("XML:com.adobe.xmp", XMP.decode(), zip=False)
    text.add_text("Raw profile type exif", "SECRETPLACE" * 10, zip=True)
    return saved("PNG", exif=exif(), icc_profile=PROFILE, pnginfo=text) + b"SECRETPLACE"


def webp():
    return saved("WEBP", exif=exif(), xmp=XMP, icc_profile=PROFILE)


def avif():
    return saved("AVIF", exif=exif(), xmp=XMP, icc_profile=PROFILE)


def gif():
    data = saved("GIF", comment=b"SECRETPLACE")
    xmp = b"\x21\xff\x0bXMP DataXMP" + bytes([len(XMP)]) + XMP + b"\0"
    return data[:-1] + xmp + data[-1:] + b"SECRETPLACE"


def animated(kind):
    frames = [Image.new("RGB", (40, 30), colour) for colour in ("red", "green", "blue")]
    options = {} if kind == "GIF" else {"exif": exif()}
    return saved(
        kind, frames[0], save_all=True, append_images=frames[1:], duration=80, loop=0, **options
    )


FILES = {"jpg": jpeg, "png": png, "webp": webp, "avif": avif, "gif": gif}
EACH = pytest.mark.parametrize("ending", FILES)


def tells(data):
    """Whether a file tells of its place, as bytes or packed."""
    with Image.open(io.BytesIO(data)) as image:
        image.load()
        found = image.getexif()
        return (
            b"SECRETPLACE" in data
            or bool(found.get_ifd(0x8825))
            or set(found) - {0x0112} != set()
            or "xmp" in image.info
            or "SECRETPLACE" in str(image.info)
        )


class FileTests:
    @EACH
    def test_nothing_is_told_and_the_picture_is_the_same(self, ending):
        before = FILES[ending]()
        assert tells(before)
        after = without_metadata(before)
        assert not tells(after)
        with Image.open(io.BytesIO(before)) as old, Image.open(io.BytesIO(after)) as new:
            assert old.format.replace("MPO", "JPEG") == new.format
            assert old.convert("RGB").tobytes() == new.convert("RGB").tobytes()
            assert new.info.get("icc_profile") == old.info.get("icc_profile")
            assert new.getexif().get(0x0112) == old.getexif().get(0x0112)

    @EACH
    def test_what_tells_nothing_stays_as_it_is(self, ending):
        after = without_metadata(FILES[ending]())
        assert without_metadata(after) == after

    @pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
    def test_an_animation_keeps_its_frames(self, kind):
        after = without_metadata(animated(kind))
        with Image.open(io.BytesIO(after)) as image:
            assert image.n_frames == 3
            image.seek(2)
            assert image.convert("RGB").getpixel((20, 15))[2] > 200
        assert not tells(after)

    @pytest.mark.parametrize(
        "options", [{"progressive": True}, {"quality": 100, "subsampling": 0}, {"optimize": True}]
    )
    def test_all_kinds_of_jpeg(self, options):
        before = saved("JPEG", exif=exif(), **options)
        after = without_metadata(before)
        assert not tells(after)
        assert Image.open(io.BytesIO(after)).tobytes() == Image.open(io.BytesIO(before)).tobytes()

    @EACH
    @given(st.data())
    def test_a_damaged_file_is_refused_or_read_and_never_breaks(self, ending, data):
        whole = FILES[ending]()
        if data.draw(st.booleans()):
            broken = whole[: data.draw(st.integers(12, len(whole)))]
        else:
            place = data.draw(st.integers(0, len(whole) - 1))
            broken = whole[:place] + data.draw(st.binary(max_size=20)) + whole[place + 5 :]
        with contextlib.suppress(ValueError):
            assert isinstance(without_metadata(broken), bytes)


@pytest.fixture
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def upload(name, data):
    return SimpleUploadedFile(name, data)


@pytest.mark.django_db
@pytest.mark.usefixtures("_media")
class LibraryTests:
    @EACH
    def test_a_program_that_saves_one(self, ending):
        photo = Photo.objects.create(title="x", file=ContentFile(FILES[ending](), f"x.{ending}"))
        assert not tells(photo.file.open().read())
        other = Photo(title="y")
        other.file.save(f"y.{ending}", ContentFile(FILES[ending]()), save=False)
        assert not tells(other.file.open().read())

    @pytest.mark.parametrize("ending", ["jpg", "png", "webp"])
    def test_all_that_is_made_of_it_stands_upright_and_tells_nothing(self, ending):
        photo = Photo.objects.create(title="x", file=ContentFile(FILES[ending](), f"x.{ending}"))
        for spec in ("original", "width-20", "width-20|format-jpeg", "width-20|format-avif"):
            made = photo.get_rendition(spec)
            assert not tells(made.file.open().read()), spec
            if spec != "original":
                assert made.height > made.width, spec

    @pytest.mark.parametrize(
        ("name", "field"),
        [
            ("wagtailimages:add", "file"),
            ("wagtailimages:add_multiple", "files[]"),
            ("wagtailimages_chooser:create", "image-chooser-upload-file"),
        ],
    )
    def test_an_editor_who_uploads_one(self, name, field, editor, client):
        client.force_login(editor)
        prefix = "image-chooser-upload-" if "chooser" in name else ""
        data = {f"{prefix}title": "Harbour", field: upload("harbour.jpg", jpeg())}
        collection = {f"{prefix}collection": 1}
        response = client.post(
            reverse(name), data | collection, headers={"X-Requested-With": "XMLHttpRequest"}
        )
        assert response.status_code in {200, 302}
        photo = Photo.objects.get()
        kept = photo.file.open().read()
        assert not tells(kept)
        assert photo.file_size == len(kept)
        again = {f"{prefix}title": "Harbour again", field: upload("again.jpg", jpeg())}
        client.post(
            reverse(name), again | collection, headers={"X-Requested-With": "XMLHttpRequest"}
        )
        # Wagtail tells an editor of a photo that is there already by this.
        assert {each.file_hash for each in Photo.objects.all()} == {photo.file_hash}

    def test_an_editor_who_replaces_the_file_of_one(self, editor, client):
        photo = Photo.objects.create(title="x", file=ContentFile(png(), "x.png"))
        client.force_login(editor)
        data = {"title": "x", "collection": 1, "file": upload("new.jpg", jpeg())}
        client.post(reverse("wagtailimages:edit", args=[photo.pk]), data)
        photo.refresh_from_db()
        assert photo.file.name.endswith(".jpg")
        assert not tells(photo.file.open().read())

    def test_an_import_which_finds_it_again(self, tmp_path):
        data = jpeg()
        photo = add_photo("harbour.jpg", data)
        assert not tells(photo.file.open().read())
        assert add_photo("harbour.jpg", data) == photo

    def test_those_already_there(self, monkeypatch, capsys):
        with monkeypatch.context() as patch:
            patch.setattr(Photo._meta.get_field("file"), "attr_class", WagtailImageFieldFile)
            photo = Photo(title="x", file=ContentFile(jpeg(), "harbour.jpg"))
            photo.save()
            Photo.objects.create(title="y", file=ContentFile(saved("PNG"), "plain.png"))
        old = photo.file.name
        size = photo.get_rendition("width-20|format-jpeg").file.name
        assert tells(photo.file.open().read())
        call_command("strip_photos")
        assert "1 stripped, 0 could not be read" in capsys.readouterr().out
        photo = Photo.objects.get(pk=photo.pk)
        assert not tells(photo.file.open().read())
        assert not photo.file.storage.exists(old)
        assert not photo.file.storage.exists(size)
        assert photo.renditions_due_since
        call_command("strip_photos")
        assert "0 stripped" in capsys.readouterr().out

    def test_an_animated_one(self, editor, client):
        client.force_login(editor)
        data = {"title": "x", "collection": 1, "file": upload("x.png", animated("PNG"))}
        client.post(reverse("wagtailimages:add"), data)
        made = Photo.objects.get().get_rendition("width-20|format-webp")
        assert made.width == 20


@pytest.fixture
def change_profile(editor, client):
    """Send an editor's form of the own account with a profile picture."""
    client.force_login(editor)

    def change(name, data):
        fields = {
            "name_email-first_name": "Edith",
            "name_email-last_name": "Or",
            "name_email-email": "edith@example.org",
            "locale-current_time_zone": "Europe/London",
            "theme-theme": "system",
            "theme-density": "default",
            "theme-contrast": "system",
            "avatar-avatar": upload(name, data),
        }
        return client.post(reverse("wagtailadmin_account"), fields)

    return change


@pytest.mark.django_db
@pytest.mark.usefixtures("_media")
class ProfilePictureTests:
    @EACH
    def test_it_is_shown_and_tells_nothing(self, ending, editor, change_profile, client):
        change_profile(f"me.{ending}", FILES[ending]())
        avatar = UserProfile.get_for_user(editor).avatar
        assert avatar.url in client.get("/admin/").text
        response = client.get(avatar.url)
        assert response.status_code == 200
        assert not tells(response.getvalue())

    def test_one_of_too_many_pixels_is_refused(self, editor, change_profile):
        page = change_profile("me.png", bomb()).text
        assert "50 million pixels at most" in page
        assert not UserProfile.get_for_user(editor).avatar

    def test_those_already_there(self, editor, monkeypatch):
        profile = UserProfile.get_for_user(editor)
        with monkeypatch.context() as patch:
            patch.setattr(UserProfile._meta.get_field("avatar"), "attr_class", ImageFieldFile)
            profile.avatar = ContentFile(jpeg(), "me.jpg")
            profile.save()
        old = profile.avatar.name
        call_command("strip_photos")
        profile = UserProfile.objects.get(pk=profile.pk)
        assert not tells(profile.avatar.open().read())
        assert not profile.avatar.storage.exists(old)


def bomb(width=11_000, height=11_000):
    """A picture of one colour: few bytes, very many pixels."""

    def chunk(kind, data):
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    packer = zlib.compressobj(9)
    rows = b"".join(packer.compress(bytes(1 + width // 8)) for _ in range(height)) + packer.flush()
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    )


@pytest.mark.django_db
@pytest.mark.usefixtures("_media")
class TooManyPixelsTests:
    @pytest.fixture(autouse=True)
    def _never_decoded(self, monkeypatch):
        def load(self):
            raise AssertionError("The picture was decoded.")

        monkeypatch.setattr(PngImagePlugin.PngImageFile, "load", load)

    def test_an_editor_is_told_what_to_do(self, editor, client):
        client.force_login(editor)
        data = {"title": "x", "collection": 1, "file": upload("x.png", bomb())}
        page = client.post(reverse("wagtailimages:add"), data).text
        assert "50 million pixels at most" in page
        assert not Photo.objects.exists()

    def test_an_import_goes_on_without_it(self, tmp_path):
        path = tmp_path / "x.png"
        path.write_bytes(bomb())
        with pytest.raises(Exception, match="50 million pixels at most"):
            add_photo("x.png", path.read_bytes())

    def test_one_that_is_there_already_is_shown_as_missing(self, write, client, monkeypatch):
        with monkeypatch.context() as patch:
            patch.setattr(WagtailImageFieldFile, "get_image_dimensions", lambda self: (9000, 9000))
            photo = Photo(title="x", file=ContentFile(bomb(9000, 9000), "x.png"))
            photo.save()
        write(slug="soup", cover=photo)
        assert client.get("/blog/soup/").status_code == 200
        assert client.get("/blog/").status_code == 200
        assert client.get("/blog/feed/json/").status_code == 200


@pytest.mark.django_db
@pytest.mark.usefixtures("_media")
class DamagedFileTests:
    @pytest.mark.parametrize(
        ("name", "data"),
        [
            ("x.png", saved("PNG")[:40]),
            ("x.png", saved("PNG")[:-20]),
            ("x.jpg", saved("JPEG")[:200]),
            ("x.gif", b"GIF89a" + b"\xff" * 30),
            ("x.webp", b"RIFF\x20\0\0\0WEBPVP8 " + bytes(20)),
            ("x.avif", b"\0\0\0\x20ftypavif" + bytes(40)),
        ],
    )
    def test_an_editor_is_told_that_it_is_damaged(self, name, data, editor, client):
        client.force_login(editor)
        fields = {"title": "x", "collection": 1, "file": upload(name, data)}
        response = client.post(reverse("wagtailimages:add"), fields)
        assert response.status_code == 200
        assert "damaged or incomplete" in response.text
