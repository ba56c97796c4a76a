// The buttons of a bot's message, which can be pressed while nothing stands below it, not even an own
// message on its way. Elsewhere, and without scripts, they are texts. A press is an own message that
// answers the bot's.

import { words } from "../thread/words.js";

export class Choices {
  // list: the messages on the page, which `timeline` has. sending: the Sending.
  constructor({ list, timeline, sending }) {
    Object.assign(this, { list, live: null });
    list.addEventListener("click", ({ target }) => {
      const button = target.closest(".offered button");
      if (!button) return;
      const { seq, sender, sender_name, ...message } = timeline.latest((one) => String(one.seq) === button.closest(".message").dataset.seq);
      // What has the focus is disabled at once; the field would open the keyboard of a phone.
      list.closest(".scroller").focus({ preventScroll: true });
      sending.send(button.textContent, { reply_to: { seq, sender, sender_name, excerpt: words(message).slice(0, 80) } });
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
    if (choices?.firstElementChild) label(choices, last);
    for (const one of [...(choices?.children ?? [])]) enable(one);
  }
}

// What is asked names the group of its answers.
function label(choices, message) {
  const body = message.querySelector(".body");
  body.id = `${message.id}-text`;
  choices.setAttribute("role", "group");
  choices.setAttribute("aria-labelledby", body.id);
}

function enable(one) {
  if (one.localName === "button") one.disabled = false;
  else one.replaceWith(Object.assign(document.createElement("button"), { type: "button", textContent: one.textContent }));
}
