"""Uploaded files: pictures are for everybody, documents for whom Wagtail lets read them."""

from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from wagtail.documents import get_document_model
from wagtail.models import Collection, CollectionViewRestriction

FOLDERS = ("images", "original_images", "avatar_images")
# The ways up that clients, proxies and file systems are known to understand.
UPS = ["..", "%2e%2e", "%2E.", "..%5c", "%252e%252e", "..;", "%c0%ae%c0%ae"]
SLASHES = ["/", "%2f", "%5c", "\\", "%252f", "//", "/%2e/"]


def ways_to(name):
    """Addresses that lead to a file of the documents if a path is tidied up too late."""
    for folder in FOLDERS:
        for up in UPS:
            for slash in SLASHES:
                yield f"/media/{folder}{slash}{up}{slash}documents{slash}{name}"
                yield f"/media/{folder}/{up}{slash}documents/{name}"
        yield f"/media/{folder}/a/../../documents/{name}"
        yield f"/media/{folder}/%00/../documents/{name}"
    yield f"/media/documents/{name}"
    yield f"/media//documents/{name}"
    yield f"/media/images/../../media/documents/{name}"


@pytest.fixture
def document(db, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    collection = Collection.get_first_root_node().add_child(name="Board")
    CollectionViewRestriction.objects.create(collection=collection, restriction_type="login")
    document = get_document_model()(title="Minutes", collection=collection)
    document.file.save("minutes.txt", ContentFile(b"Top secret"))
    document.save()
    for folder in FOLDERS:
        (tmp_path / folder / "a").mkdir(parents=True)
        (tmp_path / folder / "photo.png").write_bytes(b"a picture")
    return document


class MediaTests:
    def test_pictures_are_for_everybody(self, document, client):
        for folder in FOLDERS:
            response = client.get(f"/media/{folder}/photo.png")
            assert b"".join(response.streaming_content) == b"a picture"
            assert response["Content-Type"] == "image/png"

    def test_a_document_is_asked_of_wagtail_alone(self, document, client):
        assert client.get(document.url).status_code == 302
        name = Path(document.file.name).name
        for address in ways_to(name):
            # As servers do, which hand the path on as it was sent, but for its escapes.
            response = client.get(address)
            assert response.status_code in {301, 302, 404}, address
            assert b"secret" not in response.getvalue(), address

    @pytest.mark.parametrize(
        "path",
        [
            "",
            "a",
            "a/",
            ".",
            "photo.png/",
            "./photo.png",
            "a/../photo.png",
            "%00",
            "photo.png%00.txt",
            f"{'a' * 300}.jpg",
            f"{'é' * 200}.jpg",
            "a/" * 3000 + "b.jpg",
            "photo.png/b.jpg",
        ],
        ids=lambda path: path[:20],
    )
    def test_what_is_no_picture_is_not_found(self, path, document, client):
        assert client.get(f"/media/images/{path}").status_code == 404

    def test_nothing_can_be_written(self, document, client):
        assert client.post("/media/images/photo.png").status_code == 405
