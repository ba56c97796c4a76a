// Scrolls to one message of the open conversation, loading older pages until it is there.
// Loaded for the first search result that is a message.

const PAGES = 50;

// one: the conversation; current(): the one that is open now. Returns whether the message is shown.
export async function jumpToMessage(one, view, seq, current) {
  for (let page = 0; page < PAGES && one === current(); page += 1) {
    const element = view.list.querySelector(`[data-seq="${seq}"]`);
    if (element) return point(element, view);
    if (!one.timeline.more) return false;
    await one.older(200);
  }
  return false;
}

function point(element, view) {
  view.anchor.atEnd = false;
  element.scrollIntoView({ block: "center" });
  // Who chose it with the mouse stays in the list.
  if (view.list.closest(".scroller").contains(document.activeElement)) {
    element.tabIndex = -1;
    element.focus({ preventScroll: true });
  }
  element.dataset.pointed = "";
  setTimeout(() => delete element.dataset.pointed, 3000);
  return true;
}
