"""Whether pages show the same conversations and messages."""

from .pages import PATIENCE

SHOWN = """() => {
  const find = (selector) => document.querySelector(selector);
  const every = (selector, step) => [...document.querySelectorAll(selector)].map(step);
  const seen = (element) => !element.hidden;
  const online = (element) => element.querySelector(".dot").classList.contains("on");
  const text = (selector, element = document) => {
    const found = element.querySelector(selector);
    return seen(found) && found.textContent.trim();
  };
  const row = (element) => ({
    ...{ group: element.dataset.group, unread: element.dataset.unread },
    closed: element.hasAttribute("data-closed"),
    waiting: element.querySelector(".row-time").classList.contains("waiting"),
    online: online(element),
    words: [".row-name", ".row-claim", ".row-last"].map((place) => text(place, element)),
  });
  const seat = (element) => [element.title, text(".seat-leader", element), online(element)];
  const inbox = every(".rows .row", row);
  if (find(".opened").hidden) return { inbox };
  return {
    inbox,
    words: ["#thread-name", ".team-name", ".thread-claim", ".thread-closed"].map((at) => text(at)),
    seated: find(".conversation").hasAttribute("data-seated"),
    parts: [".closed-hint", ".seated-only", ".not-seated"].map((at) => seen(find(at))),
    actions: every("[data-part]", (part) => [part.dataset.part, seen(part)]),
    seats: every(".seats.in-panel > *", seat),
    visitor: text('[data-fact="online"]'),
    messages: every(".messages .message[data-seq]", ({ dataset }) => Number(dataset.seq)),
  };
}"""


def converged(page) -> None:
    """The page becomes what a second window, loaded now, shows; what is still on its way, or
    comes with the slow beat only, may take its time."""
    deadline = PATIENCE
    while True:
        anew = page.context.new_page()
        anew.goto(page.url)
        fresh = anew.evaluate(SHOWN)
        anew.close()
        shown = page.evaluate(SHOWN)
        if shown == fresh:
            return
        deadline -= 500
        if deadline < 0:
            assert shown == fresh
        page.wait_for_timeout(500)
