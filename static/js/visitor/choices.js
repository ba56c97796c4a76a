// The buttons of a bot's message, which can be pressed while nothing stands below it, not even an own
// message on its way. Elsewhere, and without scripts, they are texts.

export class Choices {
  // list: the messages on the page. press(text, seq): the visitor chose it from the message `seq`.
  constructor({ list, press }) {
    Object.assign(this, { list, live: null });
    list.addEventListener("click", ({ target }) => {
      const button = target.closest(".offered button");
      if (!button) return;
      const message = button.closest(".message");
      // What has the focus is disabled at once; the field would open the keyboard of a phone.
      list.closest(".scroller").focus({ preventScroll: true });
      press(button.textContent, Number(message.dataset.seq));
    });
    new MutationObserver(() => this.review()).observe(list, { childList: true });
    this.review();
  }

  review() {
    const last = [...this.list.querySelectorAll(".message")].pop();
    const choices = last?.querySelector(".offered") ?? null;
    if (choices === this.live) return;
    for (const button of this.live?.children ?? []) button.disabled = true;
    this.live = choices;
    for (const one of [...(choices?.children ?? [])]) enable(one);
  }
}

function enable(one) {
  const { dir, textContent } = one;
  if (one.localName === "button") one.disabled = false;
  else one.replaceWith(Object.assign(document.createElement("button"), { type: "button", dir, textContent }));
}
