"""What the first text waits for on a slow line, and what a message does not wait for."""

from playwright.sync_api import expect

from .pages import state_of, until, write
from .slow_line import FIRST_PAINT
from .uploads import choose, chosen, pictures, png

NEEDED = ["1f6feb-1f6feb.css", "base.css", "thread.css", "visitor.css"]
"""What is asked for at once, by the page itself, before anything is drawn."""


def never(route) -> None:
    """Answers nothing, as a line that is too slow."""


def test_the_first_text_waits_for_two_round_trips_and_few_bytes(browse, server):
    page = browse("about:blank")
    asked, sizes = [], []

    def finished(request):
        if request.resource_type in ("document", "stylesheet"):  # An icon may be there by then.
            sizes.append(request.sizes()["responseBodySize"])

    page.on("requestfinished", finished)

    def answered(route):
        name = route.request.url.rpartition("/")[2].split(".")
        asked.append(f"{name[0]}.{name[-1]}")
        if asked[-1] in NEEDED:
            route.continue_()

    page.route("**/*.css", answered)
    page.route("**/*.js", answered)
    page.goto("/chat/demo/", wait_until="commit")
    expect(page.locator(".greeting .body")).to_be_visible()
    until(page, FIRST_PAINT)  # Drawn, without all that is not answered.
    needed = page.evaluate(
        """performance.getEntriesByType("resource")
          .filter(({ renderBlockingStatus }) => renderBlockingStatus === "blocking").length"""
    )
    assert needed == len(NEEDED) == len(sizes) - 1
    assert "visitor.js" in asked
    assert sum(sizes) < 14_000, "the page and its styles are what ten packets carry"


def test_a_message_goes_out_while_pictures_above_it_are_still_to_come(browse):
    page = browse("/chat/demo/")
    choose(page, *(chosen(f"{number}.png", png((2_000, 1_500))) for number in range(3)))
    page.press("#content", "Enter")
    expect(pictures(page)).to_have_count(3)
    page.route("**/files/**", never)
    page.reload(wait_until="commit")
    expect(pictures(page)).to_have_count(3)
    write(page, "without waiting", page)
    expect(state_of(page, "without waiting")).to_have_text("Sent")
    waiting = "all => all.every(image => !image.complete)"
    assert pictures(page).evaluate_all(waiting), "none has come"
