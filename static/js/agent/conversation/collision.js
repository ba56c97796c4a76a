// Asks before an answer is sent that was begun before a colleague answered.

import { text } from "../../shared/text.js";

const SHOWN = 3;
const LENGTH = 300;

// The public messages of colleagues after the seq `began`, of those that a page has.
export function answersSince(messages, began, me) {
  return messages.filter(
    ({ seq, kind, sender, sender_role: role, automatic }) =>
      seq > began && kind === "message" && role === "agent" && sender && sender !== me && !automatic,
  );
}

export class Collision {
  // box: the element of the composer that asks. onInsist(seen): send all the same; onKeep(seen): go
  // on writing. seen: the seq of the last answer that was shown.
  constructor({ box, onInsist, onKeep }) {
    Object.assign(this, { box, onInsist, onKeep, seen: 0 });
    [this.keep, this.insist] = box.querySelectorAll("button");
    this.keep.addEventListener("click", () => this.answer(onKeep));
    this.insist.addEventListener("click", () => this.answer(onInsist));
    box.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.preventDefault();
      this.answer(onKeep);
    });
  }

  // The focus goes to what sends nothing, since a second Enter may be on its way.
  ask(answers) {
    const last = answers[answers.length - 1];
    this.seen = last.seq;
    this.box.querySelector("p").textContent = text("collided", { name: last.sender_name });
    this.box.querySelector("ul").replaceChildren(...answers.slice(-SHOWN).map(line));
    this.box.hidden = false;
    for (const button of [this.keep, this.insist]) button.hidden = false;
    this.keep.focus();
  }

  answer(then) {
    this.hide();
    then(this.seen);
  }

  hide() {
    this.box.hidden = true;
  }
}

function line({ sender_name: name, content, attachment }) {
  const item = document.createElement("li");
  const who = document.createElement("b");
  who.textContent = name;
  item.append(who, ` ${(content || attachment?.name || "").slice(0, LENGTH)}`);
  item.dir = "auto";
  return item;
}
