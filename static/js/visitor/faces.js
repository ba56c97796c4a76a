// Whom a visitor sees: the faces of those who answer, at their bubbles, and names in notices. Loaded
// with a conversation.

import { showFace } from "../agent/avatar.js";
import { text } from "../shared/text.js";
import { adoptSources, showArticle, showSources } from "../thread/article_link.js";
import { noticeText } from "../thread/message.js";

// Dresses each message that is shown from now on, and those that were shown before this was loaded.
// view: the ThreadView; timeline: what it shows.
export function showFaces(view, timeline) {
  view.dress = (element, message) => {
    dress(element, message, view.me);
    showSources(view, element, message);
  };
  adoptSources(view, timeline.messages);
  for (const message of timeline.messages) {
    const element = view.list.querySelector(`.message[data-seq="${message.seq}"]`);
    if (element && !element.querySelector(".face")) view.dress(element, message);
  }
}

function dress(element, message, me) {
  const { kind, sender, sender_role: role, sender_name: name, sender_avatar: avatar, data } = message;
  if (kind === "notice" && data) element.querySelector(".body").textContent = noticeText({ ...message, data: named(data) }, me);
  if (kind === "notice" || role === "visitor" || "mine" in element.dataset) return;
  showArticle(element, data?.article);
  const face = document.createElement("span");
  face.className = "face";
  face.append(Object.assign(document.createElement("span"), { className: "avatar small" }));
  element.prepend(face);
  showFace(face, { uuid: sender, name: name || text("unnamed"), avatar });
}

// The facts of a notice with a word for who has no name, and the team's name in the page's language.
export function named({ team_names: teams, ...data }, language = document.documentElement.lang) {
  for (const key in data) if (key.endsWith("name")) data[key] ||= text("unnamed");
  return { ...data, ...(teams?.[language] && { team_name: teams[language] }) };
}
