"""What is sent in the conversations, the shop's logo and its agents' faces: the files in
`drawings/`."""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).parent / "drawings"


@dataclass(slots=True)
class Drawing:
    """A picture as a PNG, and its thumbnail as a WebP."""

    name: str
    content: bytes
    thumbnail: bytes
    width: int = 960
    height: int = 720
    digest: str = field(init=False)

    def __post_init__(self):
        self.digest = hashlib.sha256(self.content).hexdigest()


def drawing(name: str) -> Drawing:
    """That of a covered cup (`gaiwan`), of the same `cup` broken, of a dented `box` or of a
    `teapot`."""
    return Drawing(f"{name}.png", read(f"{name}.png"), read(f"{name}.webp"))


def read(name: str) -> bytes:
    return (HERE / name).read_bytes()
