"""A visitor and two agents in Firefox and in WebKit: three browsers that know nothing of each
other."""

from tests.browser.uploads import png

LOADED = """
const pictures = document.querySelectorAll(".messages .message:not([data-state]) a.picture img");
return [...pictures].filter((one) => one.complete && one.naturalWidth > 0).length;
"""
FILES = """
const files = ".messages .message:not([data-state]) a.file:not(.picture)";
return document.querySelectorAll(files).length;
"""
CHOSEN = """
const { multiple } = document.querySelector(".composer input[type=file]");
return [multiple, document.querySelectorAll(".tray li").length];
"""


def test_a_visitor_and_two_agents_see_the_same_and_it_outlives_a_reload(three):
    visitor, alice, bob = three("group", "is the pot there yet?")

    alice.click('[data-part="claim"] button')
    bob.shown(".thread-claim", "小艾")
    alice.write("I shall look, one moment")
    visitor.sees("I shall look, one moment")
    bob.sees("I shall look, one moment")
    bob.write("it left this morning")
    visitor.sees("it left this morning")
    alice.sees("it left this morning")

    bob.click(".modes label:nth-of-type(2)")
    bob.write("give them a voucher")
    alice.sees("give them a voucher")
    visitor.write("thank you both")
    for agent in (alice, bob):
        agent.sees("thank you both")

    said = ["is the pot there yet?", "I shall look, one moment", "it left this morning"]
    for window in (visitor, alice, bob):
        window.driver.refresh()
        window.can_write()
        for text in (*said, "thank you both"):
            window.sees(text)
    assert "give them a voucher" not in visitor.texts()
    alice.sees("give them a voucher")

    alice.click('[data-part="close"] button')
    bob.shown(".thread-closed")
    visitor.write("one more thing")
    bob.sees("one more thing")
    bob.gone(".thread-closed")


def test_nothing_is_lost_or_doubled_while_the_line_is_down(three, line, watch):
    watch.expect("can’t establish a connection|was interrupted")
    visitor, alice, bob = three("tunnel", "before the tunnel", line.url)
    line.cut()
    visitor.shown(".connection")
    alice.shown(".connection")
    for number in range(3):
        visitor.write(f"asked in the tunnel {number}")
    alice.click(".modes label:nth-of-type(2)")
    alice.write("noted in the tunnel")
    bob.write("said outside")
    bob.is_sent("said outside")
    assert visitor.unsent() == [f"asked in the tunnel {number}" for number in range(3)]
    assert "said outside" not in visitor.texts()

    line.mend()
    for window in (visitor, alice, bob):
        for number in range(3):
            window.sees(f"asked in the tunnel {number}")
        window.sees("said outside")
    bob.sees("noted in the tunnel")
    for window in (visitor, alice):
        window.gone(".connection")
        assert window.unsent() == []
    said = bob.texts()
    asked = [text for text in said if text.startswith("asked")]
    assert asked == [f"asked in the tunnel {number}" for number in range(3)]
    alice.driver.refresh()
    alice.can_write()
    assert alice.texts() == said
    visitor.driver.refresh()
    visitor.can_write()
    assert [text for text in visitor.texts() if text in said] == [
        text for text in said if text != "noted in the tunnel" and text in visitor.texts()
    ]


def test_pictures_and_files_go_both_ways(three, tmp_path):
    visitor, alice, bob = three("files", "look at these")
    picture, document = tmp_path / "pot.png", tmp_path / "bill.pdf"
    picture.write_bytes(png())
    document.write_bytes(b"%PDF-1.7 x")
    for count, sender in enumerate((visitor, alice), start=1):
        for file in (picture, document):
            choose(sender, file)
        sender.write(f"two files {count}")
        for window in (visitor, alice, bob):
            window.comes_to(count, LOADED)
            window.comes_to(count, FILES)
            window.sees(f"two files {count}")


def choose(window, file) -> None:
    """Adds a file to the message that is being written."""
    window.click("#content")  # A first touch brings the script that takes several.
    window.until(lambda: window.run(CHOSEN)[0], "no script for files")
    count = window.run(CHOSEN)[1]
    window.driver.find_element("css selector", ".composer input[type=file]").send_keys(str(file))
    window.until(lambda: window.run(CHOSEN)[1] == count + 1, "not chosen")
