// How the panel says what is known of the visitor.

import { text } from "../../shared/text.js";

// How the identities of visitors begin who come by a channel (chat/protocol/contacts.py).
const OF_CHANNEL = /^(telegram|weixin|weixin_kf|mail):/;

export function wording(name, value) {
  if (name === "online") return text(value ? "online" : "offline");
  if (name === "language" && value) return languageName(value);
  // That of a channel stands among the ways.
  if (name === "identity" && OF_CHANNEL.test(value?.id)) return "";
  if (name === "identity" && value?.id) return ["name", "email", "id"].map((part) => value[part]).filter(Boolean).join(" · ");
  return value ?? "";
}

function languageName(tag) {
  try {
    return new Intl.DisplayNames(document.documentElement.lang, { type: "language" }).of(tag);
  } catch {
    return tag;
  }
}

// The words of a contact as elements, so that a line breaks between them alone.
export function words(contact) {
  return (contact ?? "").split(/(\s+)/).map((part) => (part.trim() ? Object.assign(document.createElement("span"), { textContent: part }) : part));
}
