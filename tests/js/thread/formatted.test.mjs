import assert from "node:assert/strict";
import { it } from "node:test";

import { fillBody } from "../../../static/js/thread/formatted.js";
import { words } from "../../../static/js/thread/words.js";

// As much of a document as is needed: what was made, as HTML with the attributes that were set.
class Made {
  constructor(tag) {
    Object.assign(this, { tag, children: [], classList: { toggle: (name, on) => (this.className = on ? name : "") } });
  }

  set textContent(text) {
    this.children = [text];
  }

  append(...parts) {
    this.children.push(...parts);
  }

  replaceChildren(...parts) {
    this.children = parts;
  }

  get html() {
    const inside = this.children.map((child) => child.html ?? child).join("");
    const href = this.href ? ` ${this.href}` : "";
    return this.tag ? `<${this.tag}${href}>${inside}</${this.tag}>` : inside;
  }
}

globalThis.document = { createElement: (tag) => new Made(tag), createDocumentFragment: () => new Made("") };

function html(nodes) {
  const body = new Made("div");
  fillBody(body, { content: "as it was written", formatted: nodes });
  return body.html;
}

const node = (kind, ...parts) => ({ kind, parts });

it("makes the elements of a tree, and links of addresses in its texts", () => {
  const list = { ...node("numbered", node("item", "one "), node("item", node("bold", "two"))), start: 4 };
  assert.equal(html([node("paragraph", "see https://a.example/x now"), list]), "<div><p>see <a https://a.example/x>https://a.example/x</a> now</p><ol><li>one </li><li><strong>two</strong></li></ol></div>");
  assert.equal(html([node("block", "https://a.example")]), "<div><pre>https://a.example</pre></div>");
  assert.equal(html([{ ...node("link", "here https://b.example"), href: "https://a.example" }]), "<div><a https://a.example>here https://b.example</a></div>");
});

it("makes nothing of what it does not know, and no link of another kind of address", () => {
  assert.equal(html([node("script", "x")]), "<div><span>x</span></div>");
  assert.equal(html([node("constructor", "x")]), "<div><span>x</span></div>");
  assert.equal(html([{ ...node("link", "x"), href: "javascript:alert(1)" }]), "<div><span>x</span></div>");
});

it("shows a text without a tree as it is, with links", () => {
  assert.equal(html(undefined), "<div>as it was written</div>");
});

it("tells the words on one line", () => {
  const formatted = [node("paragraph", "one ", node("bold", "two"), "\nthree"), node("list", node("item", "four"), node("item", "five"))];
  assert.equal(words({ content: "x", formatted }), "one two three four five");
  assert.equal(words({ content: "x" }), "x");
});
