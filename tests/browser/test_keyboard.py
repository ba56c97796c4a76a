"""The workspace by keyboard alone, and as a screen reader hears it."""

from playwright.sync_api import expect

from .pages import (
    VIEWS,
    accessible,
    at_desk,
    came,
    is_stored,
    looks,
    open_conversation,
    press,
    row_of,
    sees,
    write,
)


def test_one_claims_answers_and_closes_by_keyboard_alone(browse, sign_in):
    came(browse, "an older one")
    visitor = came(browse, "nobody touches a mouse")
    alice, bob = sign_in("alice"), sign_in("bob")
    open_conversation(bob, "nobody touches a mouse")
    expect(row_of(alice, "nobody touches a mouse")).to_be_visible()

    press(alice, "j")
    expect(alice.locator(".row a").nth(0)).to_be_focused()
    press(alice, "j", "ArrowDown", "k", "ArrowUp")
    expect(alice.locator(".row a").nth(0)).to_be_focused()

    press(alice, "Enter")
    expect(alice.locator("#thread-name")).to_be_visible()
    sees(alice, "nobody touches a mouse")
    expect(alice.locator(".opened .scroller")).to_be_focused()

    press(alice, "c")
    expect(bob.locator(".thread-claim")).to_contain_text("小艾")
    press(alice, "r")
    expect(alice.locator("#content")).to_be_focused()

    alice.keyboard.type("cheers, j/k ? c e")
    press(alice, "Enter")
    sees(visitor, "cheers, j/k ? c e")
    press(alice, "Escape", "n")
    alice.keyboard.type("a word among us")
    press(alice, "Enter")
    sees(bob, "a word among us")

    press(alice, "Escape", "t")
    expect(alice.locator(".picker input")).to_be_focused()
    press(alice, "Escape")
    expect(alice.locator(".picker")).to_have_count(0)
    expect(alice.locator('[data-picks="transfer"]')).to_be_focused()

    press(alice, "e")
    expect(bob.locator(".thread-closed")).to_be_visible()
    expect(alice.locator(".opened")).to_be_visible()
    press(alice, "o")
    expect(bob.locator(".thread-closed")).to_be_hidden()

    press(alice, "Escape")
    expect(alice.locator(".row a[aria-current]")).to_be_focused()
    press(alice, "7")
    alice.wait_for_url("**?view=closed")
    press(alice, "1")
    alice.wait_for_url("**?view=waiting")
    press(alice, "/")
    expect(alice.locator(".search [name=q]")).to_be_focused()

    alice.keyboard.type("touches a mouse")
    expect(alice.locator(".result")).to_have_count(1)
    press(alice, "ArrowDown")
    expect(alice.locator(".result a")).to_be_focused()

    press(alice, "Enter")
    expect(alice.locator(".opened .scroller")).to_be_focused()
    press(alice, "/", "Escape")
    expect(alice.locator(".results")).to_be_hidden()


def test_keys_do_nothing_once_they_are_off(browse, sign_in):
    came(browse, "leave it open")
    alice = at_desk(sign_in, "alice", "leave it open")
    alice.focus(".opened .scroller")
    press(alice, "?")
    dialog = alice.locator("dialog.sheet")
    expect(dialog).to_be_visible()

    press(alice, "e")
    dialog.locator("[name=single]").uncheck()
    press(alice, "Escape")
    expect(dialog).to_have_count(0)
    expect(alice.locator(".opened .scroller")).to_be_focused()

    press(alice, "e", "?")
    press(alice, "Control+k")
    expect(alice.locator("dialog.palette")).to_be_visible()
    expect(alice.locator("dialog.sheet")).to_have_count(0)
    expect(alice.locator(".thread-closed")).to_be_hidden()

    alice.keyboard.type("keyboard")
    press(alice, "Enter")
    expect(dialog).to_be_visible()
    expect(dialog.locator("[name=single]")).not_to_be_checked()

    dialog.locator("[name=single]").check()
    press(alice, "Escape", "e")
    expect(alice.locator(".thread-closed")).to_be_visible()


# What has the focus as soon as a key is pressed in the conversation, before anything else happens.
FOCUSED = """key => {
  const place = document.querySelector(".opened .scroller");
  place.focus();
  place.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  return document.activeElement.id || document.activeElement.name;
}"""


def test_what_is_typed_right_after_a_key_is_not_lost(browse, sign_in):
    came(browse, "a quick typist")
    alice = at_desk(sign_in, "alice", "a quick typist")
    fields = {"r": "content", "n": "content", "d": "close-reason", "l": "tag", "/": "q"}
    for key, field in fields.items():
        assert alice.evaluate(FOCUSED, key) == field, key
        press(alice, "Escape")

    # Letters that come before the list is there are for its field: none closes the conversation.
    for key in "ti":
        alice.focus(".opened .scroller")
        press(alice, key, "e", "e")
        expect(alice.locator(".picker input")).to_have_value("ee")
        press(alice, "Escape")
        expect(alice.locator(".picker")).to_have_count(0)
    held = []
    alice.route("**/static/js/agent/keys/command_palette.*js", lambda route: held.append(route))
    alice.focus(".opened .scroller")
    with alice.expect_request("**/static/js/agent/keys/command_palette.*js"):
        press(alice, "Control+k")

    alice.keyboard.type("Claim")
    press(alice, "Enter")
    held[0].continue_()
    expect(alice.locator('[data-part="release"]:not([hidden])')).to_have_count(1)
    expect(alice.locator("dialog.palette")).to_be_hidden()

    row = row_of(alice, "a quick typist")
    expect(row.locator(".row-claim")).to_have_text("you")
    parts = (row, row.locator(".row-last"), row.locator(".row-claim"))
    whole, last, pill = (part.bounding_box() for part in parts)
    assert last["x"] + last["width"] < pill["x"], "beside the text"
    assert pill["x"] + pill["width"] == whole["x"] + whole["width"] - 16, "at the row's end"

    press(alice, "Control+k")
    alice.keyboard.type("Your status")
    press(alice, "Enter")
    expect(alice.locator(".online .states button").first).to_be_focused()

    press(alice, "Escape")
    expect(alice.locator(".own-sheet")).to_be_hidden()
    expect(alice.locator(".online > summary")).to_be_focused()


def test_keys_for_a_conversation_on_its_way_do_nothing_to_the_one_before(browse, sign_in):
    for words in ("first on the desk", "second on its way"):
        came(browse, words)
    alice = at_desk(sign_in, "alice", "first on the desk")
    held = []
    alice.route("**/agent/c/*/", lambda route: held.append(route))
    row_of(alice, "second on its way").locator("a").focus()
    with alice.expect_request("**/agent/c/*/"):
        press(alice, "Enter")
    press(alice, "c", "r")
    alice.keyboard.type("echo")
    expect(alice.locator(".head-actions")).to_have_attribute("inert", "")
    held[0].continue_()
    sees(alice, "second on its way")
    expect(row_of(alice, "second on its way").locator(".row-claim")).to_have_text("you")
    expect(row_of(alice, "first on the desk").locator(".row-claim")).to_be_hidden()
    expect(alice.locator("#content")).to_be_focused()
    alice.keyboard.type(" of it")
    expect(alice.locator("#content")).to_have_value("echo of it")


@looks
def test_the_sheet_and_the_palette_look_and_read_well(browse, sign_in, look):
    words = f"palette {look}"
    came(browse, words, **look)
    alice = at_desk(sign_in, "alice", words, **look)
    expect(alice.locator('[data-part="claim"]')).to_be_visible()

    alice.focus(".opened .scroller")
    press(alice, "?")
    expect(alice.locator("dialog.sheet dd").first).not_to_be_empty()
    listed = alice.locator("dialog.sheet").inner_text()
    assert "key_" not in listed and "Mod" not in listed and "Ctrl+B" in listed
    caps = alice.locator("dialog.sheet kbd").all_inner_texts()
    assert "9" in caps and not {"10", "X", "F", "M"} & set(caps), "what no key does here"
    accessible(alice)

    press(alice, "Escape", "Control+k")
    field = alice.locator("dialog.palette input")
    expect(field).to_be_focused()
    options = alice.locator("dialog.palette [role=option]")
    expect(options.nth(0)).to_have_attribute("aria-selected", "true")
    accessible(alice)

    press(alice, "ArrowUp")
    expect(options.last).to_have_attribute("aria-selected", "true")
    assert field.get_attribute("aria-activedescendant") == options.last.get_attribute("id")
    press(alice, "ArrowDown")
    alice.keyboard.type({"en-GB": "cla", "zh-CN": "认领"}[look.locale])
    expect(options.nth(0)).to_contain_text({"en-GB": "Claim", "zh-CN": "认领"}[look.locale])

    press(alice, "Enter")
    expect(alice.locator('[data-part="release"]:not([hidden])')).to_have_count(1)
    expect(alice.locator(".opened .scroller")).to_be_focused()
    press(alice, "Control+k")
    alice.keyboard.type("no such thing at all")
    expect(options).to_have_count(0)
    expect(alice.locator("dialog.palette [role=status]")).not_to_be_empty()


def test_the_palette_opens_conversations_by_name_also_those_far_down(browse, sign_in, enterprise):
    # In the demo two visitors may have the same number.
    code = enterprise("remembered")
    visitor = came(browse, "whom nobody remembers", code)
    is_stored(visitor, "whom nobody remembers")
    alice = at_desk(sign_in, f"{code}-alice", "whom nobody remembers")
    name = alice.locator("#thread-name").inner_text()
    alice.goto("/agent/?view=mine")
    expect(row_of(alice, "whom nobody remembers")).to_have_count(0)
    press(alice, "Control+k")
    alice.keyboard.type(name)
    option = alice.locator('dialog.palette [role="group"]').last.get_by_text(name, exact=True)
    expect(option).to_be_visible()
    option.click()
    sees(alice, "whom nobody remembers")
    expect(alice.locator(".opened .scroller")).to_be_focused()


def test_on_a_phone_the_focus_is_never_lost(browse, sign_in):
    came(browse, "a small window")
    alice = sign_in("alice", viewport=VIEWS["phone"])
    press(alice, "j", "Enter")
    expect(alice.locator(".opened .scroller")).to_be_focused()
    press(alice, "Escape")
    expect(alice.locator(".row a").first).to_be_focused()
    alice.locator(".row a").first.click()
    expect(alice.locator(".opened .scroller")).to_be_focused()
    alice.click(".back")
    expect(alice.locator(".row a").first).to_be_focused()


def test_what_leaves_the_list_hands_the_focus_on(browse, sign_in, enterprise):
    code = enterprise("handed-focus")
    for words in ("the first", "the answered", "the next"):
        is_stored(came(browse, words, code), words)
    alice = sign_in(f"{code}-alice", view="waiting")
    bob = at_desk(sign_in, f"{code}-bob", "the answered")
    answered, following = (row_of(alice, words) for words in ("the answered", "the next"))
    answered.locator("a").focus()
    write(bob, "here you are")
    expect(answered).to_have_count(0)
    expect(following.locator("a")).to_be_focused()
    for tag in ("tea", "cups"):
        bob.fill(".add-tag [name=tag]", tag)
        bob.press(".add-tag [name=tag]", "Enter")
        expect(bob.locator(f'.tags [data-tag="{tag}"]')).to_be_visible()
    bob.locator('.tags [data-tag="tea"] button').press("Enter")
    expect(bob.locator('.tags [data-tag="cups"] button')).to_be_focused()
    press(bob, "Enter")
    expect(bob.locator(".add-tag [name=tag]")).to_be_focused()
    alice.locator(".view-menu > summary").focus()
    press(alice, "Enter", "Tab", "Enter")
    alice.wait_for_url("**?view=unclaimed")
    expect(alice.locator(".view-menu > summary")).to_be_focused()


def test_a_link_at_the_beginning_skips_the_list(browse, sign_in):
    came(browse, "skip to me")
    alice = at_desk(sign_in, "alice", "skip to me")
    alice.reload()
    press(alice, "Tab")
    expect(alice.locator(".skip")).to_be_focused()
    expect(alice.locator(".skip")).to_be_in_viewport()
    press(alice, "Enter")
    expect(alice.locator(".opened .scroller")).to_be_focused()
