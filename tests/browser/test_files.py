"""Files on both pages: chosen, pasted, dropped, sent, shown, looked at; and what goes wrong."""

import pytest
from playwright.sync_api import expect

from .pages import accessible, at_desk, came, comes, open_conversation, row_of, sees, until, write
from .uploads import choose, chosen, loaded, pictures, png

DROP = """
([selector, files]) => {
  const data = new DataTransfer();
  for (const [name, type, bytes] of files)
    data.items.add(new File([new Uint8Array(bytes)], name, { type }));
  const target = document.querySelector(selector);
  for (const kind of ["dragenter", "dragover", "drop"])
    target.dispatchEvent(
      new DragEvent(kind, { dataTransfer: data, bubbles: true, cancelable: true }));
}
"""
PASTE = """
([name, type, bytes]) => {
  const data = new DataTransfer();
  data.items.add(new File([new Uint8Array(bytes)], name, { type }));
  document.querySelector("#content").dispatchEvent(
    new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
}
"""


def chips(page):
    return page.locator(".messages .message:not([data-state]) a.file:not(.picture)")


@pytest.fixture
def both(browse, sign_in):
    """A visitor's page and alice's, with their conversation open."""

    def pair(hello: str, **options):
        visitor = came(browse, hello, **options)
        agent = at_desk(sign_in, "alice", hello, **options)
        return visitor, agent

    return pair


def test_pictures_and_files_go_both_ways_in_their_order(both):
    visitor, agent = both("files both ways")
    for sender, reader in ((visitor, agent), (agent, visitor)):
        before = pictures(reader).count()
        choose(sender, chosen("a.png", png()), chosen("b.pdf", b"%PDF-1.7 x", "application/pdf"))
        sender.fill("#content", "two files")
        sender.press("#content", "Enter")
        expect(sender.locator(".tray")).to_be_hidden()
        for page in (sender, reader):
            expect(pictures(page)).to_have_count(before + 1)
            expect(chips(page)).to_have_count(before + 1)
            loaded(pictures(page).last)
            expect(pictures(page).last).to_have_attribute("alt", "a.png")
            expect(chips(page).last).to_contain_text("b.pdf")
            expect(page.locator(".messages [data-state]")).to_have_count(0)
            expect(page.locator(".messages .upload")).to_have_count(0)
    sees(agent, "two files", times=2)
    for page in (visitor, agent):
        order = page.locator(".messages .message a.file").evaluate_all(
            "links => links.map(link => link.dataset.name)"
        )
        assert order == ["a.png", "b.pdf"] * 2
        page.reload()
        expect(pictures(page)).to_have_count(2)
        expect(chips(page)).to_have_count(2)


def test_a_sent_picture_stays_in_view_until_the_stored_one_is_there(both):
    visitor, _agent = both("at once")
    held = []
    visitor.route("**/small/", lambda route: held.append(route))
    choose(visitor, chosen("mine.png", png((300, 200))))
    visitor.press("#content", "Enter")
    sent = visitor.locator(".messages .message:not([data-state]) a.picture")
    preview = sent.locator("canvas")
    expect(preview).to_be_visible()
    colour = "c => [...c.getContext('2d').getImageData(60, 40, 1, 1).data]"
    assert preview.evaluate(colour)[3] == 255, "the picture and not an empty box"
    before = sent.bounding_box()
    comes(visitor, held)
    expect(sent.locator("img")).to_have_count(0)
    for route in held:
        route.continue_()
    expect(sent.locator("img")).to_be_visible()
    expect(preview).to_have_count(0)
    loaded(sent.locator("img"))
    assert sent.bounding_box() == before, "nothing moves"
    visitor.unroute("**/small/")


def test_a_picture_takes_its_room_before_it_is_there(both):
    visitor, agent = both("no jump")
    choose(visitor, chosen("long.png", png((300, 3_000))), chosen("flat.png", png((3_000, 300))))
    visitor.press("#content", "Enter")
    expect(pictures(agent)).to_have_count(2)
    sizes = [
        agent.locator("a.picture img").nth(number).evaluate("i => [i.offsetWidth, i.offsetHeight]")
        for number in range(2)
    ]
    assert sizes == [[96, 240], [240, 96]]
    agent.reload()
    assert sizes == [
        agent.locator("a.picture img").nth(number).evaluate("i => [i.offsetWidth, i.offsetHeight]")
        for number in range(2)
    ]


def test_pasting_and_dropping_bring_files_too(both):
    visitor, agent = both("paste and drop")
    visitor.evaluate(PASTE, ["shot.png", "image/png", list(png())])
    expect(visitor.locator(".tray li")).to_have_count(1)
    files = [["x.txt", "text/plain", list(b"plain")], ["y.txt", "text/plain", list(b"text")]]
    visitor.evaluate(DROP, [".messages", files])
    expect(visitor.locator(".tray li")).to_have_count(3)
    visitor.click(".tray li:nth-child(2) button")
    expect(visitor.locator(".tray li")).to_have_count(2)
    visitor.click(".composer .send")
    expect(pictures(agent)).to_have_count(1)
    expect(chips(agent)).to_have_count(1)
    expect(chips(agent)).to_contain_text("y.txt")
    expect(row_of(agent, "[File] y.txt").first).to_be_visible()


def test_a_note_brings_its_file_to_colleagues_only(both):
    visitor, agent = both("noted file")
    agent.check("input[name=note][value='1']", force=True)
    choose(agent, chosen("inside.png", png()))
    agent.press("#content", "Enter")
    expect(agent.locator(".message[data-kind=note] a.picture")).to_have_count(1)
    agent.check("input[name=note][value='']", force=True)
    choose(agent, chosen("outside.png", png()))
    agent.press("#content", "Enter")
    expect(pictures(visitor)).to_have_count(1)
    expect(pictures(visitor)).to_have_attribute("alt", "outside.png")


def test_what_cannot_be_sent_is_said_in_words(both, watch):
    watch.expect("415")
    visitor, _agent = both("refused files")
    big = chosen("big.txt", b"a" * (10 * 1024 * 1024 + 1), "text/plain")
    visitor.set_input_files(".composer input[type=file]", [big])
    expect(visitor.locator(".tray-problem")).to_contain_text("big.txt is too large. ")
    visitor.set_input_files(".composer input[type=file]", [chosen("none.txt", b"", "text/plain")])
    expect(visitor.locator(".tray-problem")).to_contain_text("none.txt is empty")
    program = chosen("virus.exe", b"MZ", "application/x-msdownload")
    visitor.set_input_files(".composer input[type=file]", [program])
    expect(visitor.locator(".tray-problem")).to_contain_text(
        "virus.exe cannot be sent. Supported are pictures"
    )
    expect(visitor.locator(".tray li")).to_have_count(0)
    choose(visitor, chosen("page.png", b"<script>alert(1)</script>"))
    visitor.press("#content", "Enter")
    failed = visitor.locator(".message[data-state=failed]")
    expect(failed.locator(".state")).to_contain_text("this file is damaged")
    failed.locator("[data-act=cancel]").click()
    expect(failed).to_have_count(0)


def test_without_a_line_a_file_waits_and_goes_out_once(both, watch):
    watch.expect("ERR_INTERNET_DISCONNECTED|WebSocket")
    visitor, agent = both("offline file")
    choose(visitor, chosen("later.png", png()))
    visitor.context.set_offline(True)
    visitor.press("#content", "Enter")
    waiting = visitor.locator(".message[data-state=sending]")
    expect(waiting.locator(".state")).to_contain_text("no connection")
    write(visitor, "text meanwhile")
    visitor.context.set_offline(False)
    sees(agent, "text meanwhile")
    expect(pictures(agent)).to_have_count(1)
    expect(pictures(visitor)).to_have_count(1)
    expect(visitor.locator(".messages [data-state]")).to_have_count(0)


def test_chosen_files_stay_with_their_conversation(browse, sign_in):
    for hello in ("tray one", "tray two"):
        came(browse, hello)
    agent = at_desk(sign_in, "alice", "tray one")
    held = []
    agent.route("**/static/js/composer/attach.*js", lambda route: held.append(route))
    agent.focus("#content")
    field = agent.locator(".composer input[type=file]:not([capture])")
    expect(field).to_have_js_property("multiple", True)
    with agent.expect_request("**/static/js/composer/attach.*js"):
        field.set_input_files([chosen("one.png", png())])
    open_conversation(agent, "tray two")
    sees(agent, "tray two")
    # Also where the script comes late.
    held[0].continue_()
    expect(agent.locator(".tray")).to_have_count(1)
    expect(agent.locator(".tray li")).to_have_count(0)
    open_conversation(agent, "tray one")
    sees(agent, "tray one")
    expect(agent.locator(".tray li")).to_have_count(1)


def test_the_viewer_by_keyboard(both):
    visitor, agent = both("viewer")
    choose(visitor, chosen("1.png", png((2_000, 900))), chosen("2.png", png(colour="red")))
    visitor.press("#content", "Enter")
    for page in (visitor, agent):
        expect(pictures(page)).to_have_count(2)
        first = page.locator("a.picture").first
        first.focus()
        page.keyboard.press("Enter")
        dialog = page.locator("dialog.viewer")
        expect(dialog).to_be_visible()
        loaded(dialog.locator("img"))
        expect(dialog.locator(".viewer-name")).to_have_text("1.png")
        accessible(page)
        stage = dialog.get_by_role("button", name="1.png", pressed=False)
        stage.press("Enter")
        page.keyboard.press("ArrowRight")
        until(page, "document.activeElement.scrollLeft > 0")
        expect(dialog.get_by_role("status")).to_have_text("1.png")
        page.keyboard.press("Enter")
        dialog.locator(".viewer-after").press("Enter")
        expect(dialog.get_by_role("status")).to_have_text("2.png")
        expect(dialog.get_by_role("button", name="2.png", pressed=False)).to_be_focused()
        with page.expect_download() as download:
            dialog.locator("a.button").click()
        assert download.value.suggested_filename == "2.png"
        page.keyboard.press("Escape")
        expect(dialog).to_have_count(0)


def test_a_picture_that_is_pressed_before_its_script_is_there_opens_on_the_page(both):
    visitor, agent = both("pressed early")
    choose(visitor, chosen("early.png", png()))
    visitor.press("#content", "Enter")
    expect(pictures(agent)).to_have_count(1)
    held = []
    agent.route("**/static/js/composer/files.*js", lambda route: held.append(route))
    agent.reload()
    with agent.expect_request("**/static/js/composer/files.*js"):
        agent.locator("a.picture").click()
    agent.wait_for_timeout(200)
    held[0].continue_()
    expect(agent.locator("dialog.viewer")).to_be_visible()
    assert "/agent/c/" in agent.url


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_files_are_accessible_on_a_telephone(both, scheme):
    options = {"viewport": {"width": 390, "height": 844}, "color_scheme": scheme}
    visitor, agent = both(f"phone {scheme}", **options)
    for page in (visitor, agent):
        choose(page, chosen("a.png", png()), chosen("b.txt", b"text", "text/plain"))
        accessible(page)
        page.press("#content", "Enter")
    for page in (visitor, agent):
        expect(pictures(page)).to_have_count(2)
        expect(chips(page)).to_have_count(2)
        accessible(page)
