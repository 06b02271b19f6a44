"""The demo's pictures in a smaller size: encoding the large ones takes longer than most tests."""

from pathlib import Path

from PIL import Image

# Without the site's models, as judges outside Django use it too.
PICTURES = Path(__file__).resolve().parent.parent / "home/demo/pictures"


def reduce_to(folder: Path, factor: int) -> None:
    """Put each picture into a folder, so many times as narrow and as low."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in PICTURES.glob("*.webp"):
        with Image.open(path) as picture:
            picture.reduce(factor).save(folder / path.name)
