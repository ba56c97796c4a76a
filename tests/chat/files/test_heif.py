"""HEIC and AVIF files: their pixels stay as they are, and what else they tell is gone."""

import io

import pytest
from PIL import Image

from chat.files import heif
from chat.models import Attachment
from chat.protocol.errors import Refused
from tests.chat.helpers import check_ledger, refused
from tests.chat.samples import PIXELS, PLACE, box, heic, versioned

from .test_uploads import send, sent, stored

pytestmark = [pytest.mark.once, pytest.mark.django_db]


def exif_of_a_place() -> bytes:
    """As a telephone writes it: the position in its own directory."""
    exif = Image.Exif()
    exif[0x010E] = PLACE.decode()
    exif.get_ifd(0x8825).update({1: "N", 2: (51.0, 30.0, 2.5), 29: PLACE.decode()})
    return b"\0\0\0\0" + exif.tobytes()


EXIF = exif_of_a_place()
XMP = b"<x:xmpmeta><exif:GPSLatitude>" + PLACE + b"</exif:GPSLatitude></x:xmpmeta>"
NOTES = {b"Exif": EXIF, b"mime": b"application/rdf+xml\0" + XMP}


def everything_stored(settings) -> bytes:
    return b"".join((settings.MEDIA_ROOT / path).read_bytes() for path in files_of(settings))


def files_of(settings):
    return [path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()]


@pytest.mark.parametrize("brand", [b"heic", b"heix", b"heim", b"mif1", b"hevc", b"avif", b"avio"])
def test_the_place_is_found_nowhere_in_what_is_stored(visitor, group, settings, brand):
    content = heic(NOTES, brand)
    assert content.count(PLACE) == 3
    file = sent(visitor, "photo.heic", content)
    kind = "avif" if brand.startswith(b"avi") else "heic"
    assert (file["mime"], file["name"]) == (f"image/{kind}", f"photo.{kind}")
    kept = visitor.get(file["url"]).content
    assert len(kept) == file["size"] == len(content) and PIXELS in kept
    assert len(stored()) == 1 and PLACE not in everything_stored(settings)
    assert b"GPSLatitude" not in kept


@pytest.mark.parametrize("entry", [2, 3])
@pytest.mark.parametrize(("version", "method"), [(0, 0), (1, 0), (1, 1), (2, 0), (2, 1)])
def test_notes_are_found_wherever_they_lie(version, method, entry):
    content = heic(NOTES, version=version, method=method, entry=entry)
    clean = heif.strip_metadata(content)
    assert PLACE in content and PLACE not in clean
    assert len(clean) == len(content) and PIXELS in clean
    assert heif.strip_metadata(clean) == clean


def test_what_is_left_of_exif_is_sound_and_empty():
    at = (content := heic({b"Exif": EXIF})).index(EXIF)
    left = heif.strip_metadata(content)[at : at + len(EXIF)]
    exif = Image.Exif()
    exif.load(left[4:])
    assert dict(exif) == {} and not exif.get_ifd(0x8825)
    assert heif.strip_metadata(heic({b"Exif": EXIF[:9]})).endswith(PIXELS + heif.EMPTY_EXIF[:9])


def test_boxes_that_say_something_else_are_emptied():
    track = box(b"trak", box(b"tkhd", PIXELS), box(b"udta", PLACE), versioned(b"meta", 0, PLACE))
    film = box(b"moov", box(b"mvhd", PIXELS), box(b"uuid", PLACE), box(b"udta", PLACE), track)
    more = box(b"uuid", PLACE) + box(b"mpvd", box(b"ftyp", PLACE)) + box(b"free", PLACE)
    content = heic(inner=box(b"xml ", PLACE) + box(b"uuid", PLACE), outer=more + film)
    clean = heif.strip_metadata(content)
    assert content.count(PLACE) == 9 and PLACE not in clean
    assert len(clean) == len(content) and clean.count(PIXELS) == 3


def test_a_file_that_says_nothing_else_stays_as_it_is():
    for content in (heic(), heic(outer=box(b"free")), heic()[:-208] + b"\0\0\0\0mdat" + PIXELS):
        assert heif.strip_metadata(content) == content


def test_a_file_that_a_real_encoder_made_keeps_its_pixels():
    drawn = Image.effect_noise((64, 48), 50).convert("RGB")
    exif = Image.Exif()
    exif[0x010E] = PLACE.decode()
    file = io.BytesIO()
    drawn.save(file, "AVIF", exif=exif, xmp=XMP)
    content = file.getvalue()
    clean = heif.strip_metadata(content)
    assert content.count(PLACE) == 2 and PLACE not in clean
    before, after = (Image.open(io.BytesIO(one)) for one in (content, clean))
    assert before.tobytes() == after.tobytes()
    assert not dict(after.getexif())


def changed(content: bytes, old: bytes, new: bytes) -> bytes:
    assert content.count(old) == 1
    return content.replace(old, new)


def place_of(content: bytes) -> bytes:
    """How iloc names the place of the item Exif: its start and its length."""
    return content.index(EXIF).to_bytes(4, "big") + len(EXIF).to_bytes(4, "big")


SOUND = heic({b"Exif": EXIF})
META = SOUND.index(b"meta") - 4
BROKEN = {
    "no meta": changed(SOUND, b"meta", b"free"),
    "two metas": heic({b"Exif": EXIF}, outer=SOUND[META:]),
    "no iinf": changed(SOUND, b"iinf", b"free"),
    "no iloc": changed(SOUND, b"iloc", b"free"),
    "no place": changed(heic({b"Exif": EXIF}, version=2), b"\0\0\0\2\0\0\0\0\0\1", bytes(10)),
    "cut": SOUND[:-1],
    "cut head": SOUND[: META + 20],
    "empty": SOUND[:META],
    "tiny box": SOUND + b"\0\0\0\7free",
    "half a box": SOUND + b"\0\0\0",
    "elsewhere": changed(SOUND, b"\0\0\0\1" + place_of(SOUND), b"\0\1\0\1" + place_of(SOUND)),
    "made of items": heic({b"Exif": EXIF}, version=1, method=2),
    "behind the end": changed(SOUND, place_of(SOUND), b"\xff" * 8),
    "behind idat": heic({b"Exif": EXIF}, version=1, method=1)[:-1].replace(
        bytes(4) + len(EXIF).to_bytes(4, "big"), b"\0\0\0\1" + len(EXIF).to_bytes(4, "big")
    )
    + b"x",
    "old entries": changed(SOUND, b"infe\2\0\0\0\0\2", b"infe\1\0\0\0\0\2"),
    "new places": heic({b"Exif": EXIF}, version=3),
    "no lengths": SOUND.replace(b"\x44\0\0\2", b"\x40\0\0\2"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_cannot_be_understood_is_refused_and_leaves_nothing(visitor, group, name):
    assert BROKEN[name] != SOUND
    assert refused(send(visitor, "photo.heic", BROKEN[name])) == (415, "bad_kind")
    assert check_ledger() == 2 and stored() == [] and not Attachment.objects.exists()


@pytest.mark.parametrize("where", ["inner", "outer"], ids=["meta", "moov"])
def test_what_is_looked_into_has_its_limits(monkeypatch, where):
    def film(size: int) -> bytes:
        filler = box(b"free", bytes(size - 8))
        return heic(outer=box(b"moov", filler))

    def items(size: int) -> bytes:
        before = SOUND.index(b"mdat") - 4 - META - 8
        return heic({b"Exif": EXIF}, inner=box(b"free", bytes(size - before - 8)))

    make = items if where == "inner" else film
    monkeypatch.setattr(heif, "MAX_BOX_BYTES", 2_000)
    for size in (1_999, 2_000):
        heif.strip_metadata(make(size))
    with pytest.raises(Refused):
        heif.strip_metadata(make(2_001))


def test_boxes_beside_each_other_have_their_limit():
    for more in (-1, 0, 1):
        content = heic(outer=box(b"free") * (heif.MAX_BOXES - 3 + more))
        if more <= 0:
            assert heif.strip_metadata(content) == content
        else:
            with pytest.raises(Refused):
                heif.strip_metadata(content)


def test_items_that_lie_upon_each_other_take_no_time():
    """Each would have the whole file overwritten."""
    notes = {b"Exif": EXIF, b"mime": XMP, b"uri ": XMP}
    content = heic(notes)
    whole = bytes(4) + len(content).to_bytes(4, "big")
    for text in notes.values():
        at = content.index(text).to_bytes(4, "big") + len(text).to_bytes(4, "big")
        content = content.replace(at, whole)
    with pytest.raises(Refused):
        heif.strip_metadata(content)
