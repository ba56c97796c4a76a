// The page on which a visitor chooses a topic, inside a site's widget: it can be closed like the
// chat, and what invited the visitor stays there.

import { HostPage, showWords } from "./host_page.js";

const find = (selector) => document.querySelector(selector);
const form = find(".first-words");

// What is written here without a choice answers those words.
function onWords(words) {
  showWords(words, find);
  if (!form) return;
  for (const field of form.querySelectorAll("[name=rule], [name=visit]")) field.remove();
  const name = words.rule ? "rule" : "visit";
  form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value: words[name] }));
}

const site = new HostPage({
  origin: document.body.dataset.host,
  leave: find(".leave"),
  // By the keyboard the first choice is next; after a click nothing looks chosen.
  onOpen: () => find(".choose").focus(),
  onWords,
});
site.sendState({ unread: 0, known: false });
