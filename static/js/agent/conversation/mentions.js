// Highlights the colleagues that a note mentions, by their current names.

// list: the thread's messages. members(): who sits here, with their names. Call show() again when
// names arrive later than the notes.
export class MentionMarks {
  constructor({ list, members }) {
    Object.assign(this, { list, members });
    new MutationObserver(() => this.show()).observe(list, { childList: true });
    this.show();
  }

  show() {
    for (const note of this.list.querySelectorAll(".message[data-calls]")) {
      const called = note.dataset.calls.split(" ");
      const names = this.members().filter(({ member }) => called.includes(member)).map(({ name }) => `@${name}`);
      // The longest first, since one name may begin with another.
      const body = note.querySelector(".body");
      for (const name of names.sort((one, other) => other.length - one.length)) {
        for (const element of [body, ...body.querySelectorAll(":not(.call, a, code)")]) mark(element, name);
      }
    }
  }
}

// Wraps these words in an element wherever they are plain text. childNodes is a live list, so the
// loop reaches the text after them, too.
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
