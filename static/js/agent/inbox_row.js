// One row of the inbox: the last message, the unread count, the agent who holds it, and how long
// the visitor has waited.

import { showDot, showFace } from "./avatar.js";
import { noticeText } from "../thread/message.js";
import { text } from "../shared/text.js";
import { full, short, waited, waitLevel } from "../shared/time.js";

// Updates `element` by the known facts of `row`. link: its address. several: whether the agent is
// in more than one team.
export function showRow(element, row, { me, link, current, several }) {
  element.dataset.group = row.group;
  element.dataset.unread = row.unread ?? 0;
  const anchor = element.querySelector("a");
  anchor.href = link;
  if (current) anchor.setAttribute("aria-current", "page");
  else anchor.removeAttribute("aria-current");
  if (row.group_name !== undefined) {
    element.querySelector(".row-name").textContent = row.group_name;
    showFace(element, { uuid: row.visitor, name: row.group_name });
  }
  if (row.topic !== undefined) element.querySelector(".row-about").textContent = about(row, several);
  if (row.last) element.querySelector(".row-last").textContent = lastLine(row, me);
  if (row.online !== undefined) {
    showDot(element, row.online ? "online" : "offline");
    element.querySelector(".row-presence").textContent = text(row.online ? "online" : "offline");
  }
  if (row.open !== undefined) {
    element.toggleAttribute("data-closed", !row.open);
    const claim = element.querySelector(".row-claim");
    claim.hidden = row.open && !row.claimed_by && !row.held;
    if (row.held) claim.textContent = text(`held_row_${row.held}`);
    else claim.textContent = row.open ? (row.claimed_by === me ? text("claim_you") : (row.claimed_name ?? "")) : text("closed");
  }
  if (row.mentioned !== undefined) element.querySelector(".row-mentioned").hidden = !row.mentioned;
  const pill = element.querySelector(".row-unread");
  pill.hidden = !row.unread;
  pill.firstElementChild.textContent = row.unread > 99 ? "99+" : (row.unread ?? "");
  showTime(element, row);
}

// What the conversation is about; chat/templatetags/chat.py builds the same line.
const about = ({ team_name: team, topic, tags }, several) => [several && team, topic, ...tags].filter(Boolean).join(" · ");

// The line of the last message, with its author.
export function lastLine({ last, visitor }, me) {
  if (last.kind === "notice") return noticeText(last);
  let line = [fileWord(last), last.excerpt || fileName(last)].filter(Boolean).join(" ");
  if (last.sender === me) line = text("by_you", { text: line });
  else if (last.sender !== visitor) line = text("by_other", { name: last.sender_name, text: line });
  return last.kind === "note" ? text("note", { text: line }) : line;
}

// The word for a file in an excerpt: the server gives it, and a message that has just arrived
// brings the file itself.
function fileWord({ attachment: file }) {
  return file && text(file === "picture" || file.thumbnail ? "quoted_picture" : "quoted_file");
}

// The name of a file that has just arrived without a text; a picture's name says nothing.
const fileName = ({ attachment: file }) => (file?.thumbnail ? "" : file?.name);

// Shows how long the visitor has waited, or when the last message came. Where the server rendered
// the row and nothing else is known of it, the time is that of the element.
export function showTime(element, { waiting_since: since, target, last, group_name: known }, now = Date.now()) {
  const time = element.querySelector(".row-time");
  if (known !== undefined) {
    time.dateTime = since ?? last?.created_at ?? "";
    time.classList.toggle("waiting", Boolean(since));
  }
  const date = new Date(time.dateTime);
  if (Number.isNaN(date.getTime())) return write(time, "");
  if (time.dataset.shown !== time.dateTime) {
    time.dataset.shown = time.dateTime;
    time.title = full(date);
  }
  if (!time.classList.contains("waiting")) return write(time, short(date));
  const wait = now - date;
  if (target !== undefined) time.dataset.level = waitLevel(wait, target);
  write(time, text(`waiting_${time.dataset.level}`, { time: waited(wait) }));
}

function write(element, words) {
  if (element.textContent !== words) element.textContent = words;
}
