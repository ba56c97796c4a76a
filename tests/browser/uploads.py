"""Files that are chosen on a page, and the pictures it shows."""

import io

from PIL import Image
from playwright.sync_api import expect


def png(size=(320, 200), colour="teal") -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, colour).save(file, format="PNG")
    return file.getvalue()


def chosen(name, content, mime="image/png") -> dict:
    return {"name": name, "mimeType": mime, "buffer": content}


def choose(page, *files) -> None:
    field = page.locator(".composer input[type=file]")
    page.focus("#content")  # A first touch brings the script that takes several.
    expect(field).to_have_js_property("multiple", True)
    field.set_input_files(list(files))
    expect(page.locator(".tray li")).to_have_count(len(files))


def pictures(page):
    return page.locator(".messages .message:not([data-state]) a.picture img")


def loaded(picture) -> None:
    picture.evaluate("image => image.decode()")
