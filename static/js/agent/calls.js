// Whom a note calls stands out in it, by the names that colleagues have now.

// list: the thread's messages. members(): who sits here, with their names. The names may come after
// the notes, so show() is asked again then.
export class Calls {
  constructor({ list, members }) {
    Object.assign(this, { list, members });
    new MutationObserver(() => this.show()).observe(list, { childList: true });
    this.show();
  }

  show() {
    for (const note of this.list.querySelectorAll(".message[data-calls]")) {
      const called = note.dataset.calls.split(" ");
      const names = this.members().filter(({ member }) => called.includes(member)).map(({ name }) => `@${name}`);
      // The longest first: one may begin with another.
      for (const name of names.sort((one, other) => other.length - one.length)) mark(note.querySelector(".body"), name);
    }
  }
}

// Puts these words into an element of their own, wherever they stand as plain text. The list of
// children is a live one: what follows the words comes next.
function mark(body, words) {
  for (const node of body.childNodes) {
    const at = node.nodeType === Node.TEXT_NODE ? node.data.indexOf(words) : -1;
    if (at < 0) continue;
    const call = node.splitText(at);
    call.splitText(words.length);
    const element = document.createElement("b");
    element.className = "call";
    call.replaceWith(element);
    element.append(call);
  }
}
