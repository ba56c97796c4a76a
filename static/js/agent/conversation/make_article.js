// Begins an article with an answer: what the visitor asked before is its title. The editor opens in a
// window of its own, and stores it once somebody has written in it.

import { csrfToken } from "../../connection/http.js";

const LONGEST_TITLE = 200;

/**
 * @param {Record<string, any>} answer
 * @param {Record<string, any>[]} messages In order.
 */
export function draftOf(answer, messages) {
  const asked = messages.filter(({ seq, kind, sender_role: role, content }) => seq < answer.seq && kind === "message" && role === "visitor" && content).pop();
  const title = (asked ?? answer).content.trim().split("\n")[0];
  const lang = /\p{Script=Han}/u.test(answer.content) ? "zh-hans" : "en";
  return { title: [...title].slice(0, LONGEST_TITLE).join(""), body: answer.content, lang };
}

export function makeArticle(address, answer, messages) {
  const form = Object.assign(document.createElement("form"), { method: "post", action: address, target: "_blank" });
  for (const [name, value] of Object.entries({ ...draftOf(answer, messages), action: "begin", csrfmiddlewaretoken: csrfToken() })) {
    form.append(Object.assign(document.createElement("textarea"), { name, value }));
  }
  form.hidden = true;
  document.body.append(form);
  form.submit();
  form.remove();
}
