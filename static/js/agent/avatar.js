// Faces: a person has the same letter and colour here as in chat/templatetags/chat.py.

import { showArticle } from "../thread/article_link.js";

const HUES = 18;
// The names that visitors have until somebody learns theirs (chat/visitors/cookies.py).
const NUMBERED = /^(Visitor|访客) \d{4}$/;
let hues = {};

// given: {uuid: hue} of the members, so that colleagues differ (chat/reading/faces.py).
export function useHues(given) {
  hues = given;
}

export function hue(uuid) {
  if (uuid in hues) return hues[uuid];
  let number = 0;
  for (const letter of uuid ?? "") number = (number * 31 + letter.codePointAt(0)) % 65_521;
  return number % HUES;
}

export const isNumbered = (name) => NUMBERED.test(name);

// The second character of 小艾, whose first one half the team shares; of a visitor without a name two
// digits.
export function initial(name) {
  if (isNumbered(name)) return name.slice(-2);
  const letters = [...((name ?? "").trim() || "?")];
  const second = letters.length === 2 && "小老阿".includes(letters[0]);
  return letters[second ? 1 : 0].toUpperCase();
}

/**
 * Makes the first .avatar inside `holder` show this person.
 * @param {ParentNode} holder
 * @param {Record<string, any>} person
 */
export function showFace(holder, { uuid, name, avatar = "" }) {
  const old = holder.querySelector(".avatar");
  const size = old.classList.contains("small") ? "small" : "";
  const face = document.createElement(avatar ? "img" : "span");
  face.className = `avatar ${size} hue-${hue(uuid)}`;
  if (avatar) {
    Object.assign(face, { src: avatar, alt: "" });
  } else {
    face.textContent = initial(name);
    face.ariaHidden = "true";
  }
  old.replaceWith(face);
}

// Gives a message the face of who wrote it; a notice has none. members: who sits here.
export function faceMessage(element, { kind, sender, sender_name: name, sender_avatar: given, data }, members) {
  const face = element.querySelector(".face");
  if (kind === "notice") return face.remove();
  showArticle(element, data?.article);
  const avatar = members.find(({ member }) => member === sender)?.avatar ?? given;
  showFace(face, { uuid: sender, name, avatar });
}

const DOTS = { online: "on", busy: "busy", away: "away", offline: "off" };

// state: that of an agent; a visitor is online or offline, or by- and the channel by which they write.
export function showDot(holder, state) {
  holder.querySelector(".dot").className = "dot " + (DOTS[state] ?? `off ${state}`);
}

/**
 * A small face with the dot of an agent's state.
 * @param {Record<string, any>} person
 */
export function personFace({ state, ...person }) {
  const template = /** @type {HTMLTemplateElement} */ (document.querySelector("#face-template"));
  const face = /** @type {HTMLElement} */ (template.content.firstElementChild.cloneNode(true));
  showFace(face, person);
  showDot(face, state);
  return face;
}
