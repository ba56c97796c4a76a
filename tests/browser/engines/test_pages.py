"""The pages in Firefox and in WebKit: on a telephone, by keyboard alone, for everybody; and where
these lay out or paint in another way than Chromium does."""

from io import BytesIO

from PIL import Image
from selenium.webdriver.common.keys import Keys

CLICKED = """
const names = [".attach", ".emoji", "#content", "button.primary"];
const form = document.querySelector(".composer");
const { left, top, right, bottom } = form.getBoundingClientRect();
const seen = {}, wrong = [];
for (let x = Math.ceil(left); x < right; x += 3)
  for (let y = Math.ceil(top); y < bottom; y += 3) {
    const hit = document.elementFromPoint(x, y);
    const owner = names.find((name) => hit.closest(name));
    if (!owner) continue;
    const box = hit.closest(owner).getBoundingClientRect();
    seen[owner] = (seen[owner] ?? 0) + 1;
    if (x < box.left || x > box.right || y < box.top || y > box.bottom)
      wrong.push(`${owner} at ${x},${y}`);
  }
return { seen, wrong };
"""
"""Which control of the composer gets a click at each point of a grid, and where a control gets
one outside of its own box."""
BOX = """
const { left, top, right, bottom } = document.querySelector(arguments[0]).getBoundingClientRect();
return [left, top, right, bottom];
"""


def box(window, selector: str) -> list[float]:
    """Left, top, right and bottom of an element, in pixels of the page."""
    return window.run(BOX, selector)


def test_each_control_of_the_composer_gets_its_own_clicks(three):
    visitor, alice, _ = three("clicks", "where do clicks go?")
    types_and_sends(visitor, "from the visitor")
    types_and_sends(alice, "from the agent")


def types_and_sends(window, text: str) -> None:
    """Checks who gets the composer's clicks, then opens the emoji and sends by the pointer."""
    window.shown(".composer .emoji")
    found = window.run(CLICKED)
    assert found["wrong"] == []
    assert sorted(found["seen"]) == ["#content", ".attach", ".emoji", "button.primary"]
    window.click(".composer .emoji")
    window.click(".emoji-box button")
    window.comes_to("😀", "return document.querySelector('#content').value;")
    window.click("#content")
    window.press(text)
    window.click(".composer button.primary")
    window.sees(f"😀{text}")


def test_the_choice_of_the_key_that_sends_has_no_grey_of_the_system(three):
    _, alice, _ = three("grey", "what colour is it?")
    left, _, _, bottom = (round(edge) for edge in box(alice, ".composer .sending-key"))
    picture = Image.open(BytesIO(alice.driver.get_screenshot_as_png()))
    inside, outside = (left + 6, bottom - 6), (left + 6, bottom + 3)
    assert picture.getpixel(inside) == picture.getpixel(outside)


def test_the_question_stands_beside_its_stars(window):
    visitor = window()
    visitor.write("how is it here?")
    visitor.is_sent("how is it here?")
    for step in (".chat-menu > summary", ".ending > summary", ".ending button"):
        visitor.click(step)
    visitor.shown(".rating legend")

    def is_beside() -> bool:
        _, top, right, bottom = box(visitor, ".rating legend")
        left, highest, _, lowest = box(visitor, ".stars")
        return right <= left and abs(top + bottom - highest - lowest) <= 2

    visitor.until(is_beside, "not beside them")
    visitor.accessible()
    visitor.click(".stars label:nth-of-type(4)")
    visitor.click(".rating .button")
    visitor.shown(".rating .thanks", "Thank")


def test_on_a_telephone_the_list_gives_way_to_the_conversation(three):
    visitor, alice, _ = three("phone", "from a telephone")
    for window in (visitor, alice):
        window.browser.narrow()
        window.comes_to(True, "return innerWidth < 450;")
    fits = "return Math.round(document.body.getBoundingClientRect().height) === innerHeight;"
    visitor.write("it fits")
    visitor.is_sent("it fits")
    visitor.comes_to(True, fits)
    visitor.accessible()

    alice.gone(".inbox")
    alice.sees("it fits")
    alice.write("it does")
    visitor.sees("it does")
    alice.accessible()
    alice.click(".opened .back")
    alice.shown(".inbox")
    alice.gone(".opened")
    alice.accessible()


def test_one_claims_answers_and_closes_by_keyboard_alone(three):
    visitor, alice, bob = three("keys", "nobody touches a mouse")
    alice.press(Keys.ESCAPE)
    alice.focused(".row a")
    alice.press("j", Keys.ENTER)
    alice.focused(".opened .scroller")
    alice.press("c")
    bob.shown(".thread-claim", "小艾")
    alice.press("r")
    alice.focused("#content")
    alice.press("cheers, j/k ? c e", Keys.ENTER)
    visitor.sees("cheers, j/k ? c e")
    alice.press(Keys.ESCAPE, "t")
    alice.focused(".picker input")
    alice.press(Keys.ESCAPE)
    alice.focused('[data-picks="transfer"]')
    alice.press("e")
    bob.shown(".thread-closed")
    bob.press("o")
    bob.gone(".thread-closed")

    visitor.go(visitor.run("return location.pathname"))
    visitor.can_write()
    reached = []
    for _ in range(30):
        visitor.press(Keys.TAB)
        reached.append(visitor.run("return document.activeElement.className"))
    assert any("scroller" in name for name in reached)
    assert any("emoji" in name for name in reached)
    assert any("send" in name for name in reached)


def test_everybody_can_use_the_pages(three):
    visitor, alice, bob = three("axe", "read to me")
    for window in (visitor, alice):
        window.accessible()
    bob.go("/agent/profile/")
    bob.accessible()
