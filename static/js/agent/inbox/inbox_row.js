// One row of the inbox: the last message, the unread count, the agent who holds it, its tags, and
// how long the visitor has waited.

import { isNumbered, showDot, showFace } from "../avatar.js";
import { noticeText } from "../../thread/message.js";
import { duration, waited, waitLevel, within } from "../../shared/durations.js";
import { moment } from "../../shared/hours.js";
import { text } from "../../shared/text.js";
import { full, short, toMinute } from "../../shared/time.js";

const MOST_WORST = 3;
const HUES = 8;
const counted = new WeakMap();

// Updates `element` by the known facts of `row`. link: its address. usual: the team that rows need
// not name. worst: whether it is among the longest past their target. picked: whether it is
// selected; only some members can select rows. unsent: whether something written there is not sent.
export function showRow(element, row, { me, link, current, usual, worst, picked, unsent }) {
  const unread = row.open === false ? 0 : (row.unread ?? 0);
  element.dataset.group = row.group;
  element.dataset.unread = unread;
  const anchor = element.querySelector("a");
  anchor.href = link;
  if (current) anchor.setAttribute("aria-current", "page");
  else anchor.removeAttribute("aria-current");
  if (row.group_name !== undefined) {
    element.querySelector(".row-name").textContent = row.group_name;
    element.querySelector(".row-device").textContent = deviceOf(row);
    const box = element.querySelector(".row-pick input");
    if (box) Object.assign(box, { checked: picked, ariaLabel: text("several_row", { name: row.group_name }) });
    showFace(element, { uuid: row.visitor, name: row.group_name });
  }
  if (row.topic !== undefined) {
    element.toggleAttribute("data-tall", hasThird(row, usual));
    element.querySelector(".row-about").textContent = about(row, usual);
    showTags(element.querySelector(".row-tags"), row.tags);
  }
  if (row.last) element.querySelector(".row-last").textContent = unsent ? text("row_unsent", { text: lastLine(row, me) }) : lastLine(row, me);
  if (row.online !== undefined) {
    const { channel } = row;
    const presence = row.online ? "online" : "offline";
    showDot(element, channel ? `by-${channel}` : presence);
    element.querySelector(".row-presence").textContent = text(channel ? `channel_${channel}` : presence);
  }
  if (row.open !== undefined) {
    element.toggleAttribute("data-closed", !row.open);
    const claim = element.querySelector(".row-claim");
    claim.hidden = row.open && !row.claimed_by && !row.quarantined && !row.bot;
    if (row.quarantined) claim.textContent = text(`quarantined_row_${row.quarantined}`);
    else if (row.open && row.bot) claim.textContent = text("bot_row", { name: row.bot_name });
    else claim.textContent = row.open ? (row.claimed_by === me ? text("claim_you") : (row.claimed_name ?? "")) : text("closed");
  }
  if (row.mentioned !== undefined) element.querySelector(".row-mentioned").hidden = !row.mentioned;
  const pill = element.querySelector(".row-unread");
  pill.hidden = !unread;
  pill.firstElementChild.textContent = unread > 99 ? "99+" : unread;
  showTime(element, row, worst);
}

// The device of a visitor whom only a number tells apart from others.
const deviceOf = ({ group_name: name, device }) => (isNumbered(name) ? device : "");

// What the conversation is about; chat/templatetags/inbox_rows.py builds the same line.
const about = ({ team, team_name: name, topic }, usual) => [topic, team !== usual && name].filter(Boolean).join(" · ");

// Whether the row has a third line.
export const hasThird = (row, usual) => Boolean(about(row, usual) || row.tags?.length);

// The line of the last message, with its author.
export function lastLine({ last, visitor }, me) {
  if (last.kind === "notice") return noticeText(last);
  let line = [fileWord(last), fileName(last), last.excerpt].filter(Boolean).join(" ");
  if (last.sender === me) line = text("by_you", { text: line });
  else if (last.sender !== visitor) line = text(last.sender_role === "bot" ? "by_bot" : "by_other", { name: last.sender_name, text: line });
  if (last.kind === "note") line = text("note", { text: line });
  return last.data?.delivery?.state === "failed" ? `${text("delivery_failed")} · ${line}` : line;
}

// The word for a file in an excerpt: the server gives it, and a message that has just arrived
// brings the file itself.
function fileWord({ attachment: file }) {
  return file && text(file === "picture" || file.thumbnail ? "quoted_picture" : "quoted_file");
}

// The name of a file that has just arrived: the server's excerpts begin with it. A picture's name
// says nothing.
const fileName = ({ attachment: file }) => (file?.thumbnail ? "" : file?.name);

// When the team's target for an answer ends, in milliseconds.
const dueOf = ({ due_at: due }) => Date.parse(due);

// How near the target of those who wait is (ok, soon, late), and the words for it.
export function urgency({ due_at: due, target }, now = Date.now()) {
  const left = Date.parse(due) - now;
  const level = waitLevel(left, target);
  return { level, words: level === "late" ? text("waiting_late", { time: duration(-left, "narrow") }) : text("waiting_soon", { time: within(left) }) };
}

// Those of `rows` that are longest past their target: only a few are red, so that they stand out.
export function longestLate(rows, now = Date.now()) {
  const late = rows.filter((row) => row.waiting_since && !row.snoozed_until && dueOf(row) <= now);
  return new Set(late.sort((one, other) => dueOf(one) - dueOf(other)).slice(0, MOST_WORST));
}

// Shows how long the visitor has waited, when a snoozed conversation comes back, or when the last
// message came. Where the server rendered the row and nothing else is known of it, the time is that
// of the element.
export function showTime(element, row, worst, now = Date.now()) {
  const { waiting_since: since, snoozed_until: until, last, target } = row;
  const time = element.querySelector(".row-time");
  if (row.group_name !== undefined) {
    time.dateTime = until ?? since ?? last?.created_at ?? "";
    time.classList.toggle("waiting", Boolean(since && !until));
  }
  const date = new Date(time.dateTime);
  if (Number.isNaN(date.getTime())) return write(time, "");
  if (time.dataset.shown !== time.dateTime) {
    time.dataset.shown = time.dateTime;
    time.title = full(date);
  }
  if (!time.classList.contains("waiting")) return write(time, until || date > now ? moment(toMinute(date), new Date(now)) : short(date));
  if (target === undefined) return;
  const { level, words } = urgency(row, now);
  time.dataset.level = worst && level === "late" ? "worst" : level;
  write(time, level === "ok" ? text("waiting_ok", { time: waited(now - date) }) : words);
}

function write(element, words) {
  if (element.textContent !== words) element.textContent = words;
}

// The number of a tag's colour, the same for each spelling; chat/templatetags/inbox_rows.py repeats
// it.
export function tagHue(tag) {
  let sum = 0;
  for (const letter of tag.normalize("NFKC").toLowerCase()) sum += letter.codePointAt(0);
  return sum % HUES;
}

// Shows these tags in `place`, an element of a row.
export function showTags(place, tags) {
  if (place.title === tags.join(" · ") && place.children.length === tags.length) return;
  place.title = tags.join(" · ");
  place.replaceChildren(
    ...tags.map((tag) => {
      const chip = document.createElement("span");
      chip.className = `chip tag-${tagHue(tag)}`;
      chip.dir = "auto";
      chip.textContent = tag;
      return chip;
    }),
  );
}

// Writes behind the tags how many of them have wrapped out of sight. Only rows whose tags or width
// have changed since the last time are measured, all of them before anything is written.
export function countHidden(elements, width) {
  const changed = [];
  for (const element of elements) {
    const place = element.querySelector(".row-tags");
    const state = [width, place.title, place.previousElementSibling.textContent].join();
    if (counted.get(element) === state) continue;
    counted.set(element, state);
    changed.push([element.querySelector(".row-rest"), [...place.children]]);
  }
  const numbers = changed.map(([, chips]) => chips.filter((chip) => chip.offsetTop > chips[0].offsetTop).length);
  changed.forEach(([rest], at) => (rest.textContent = numbers[at] ? `+${numbers[at]}` : ""));
}
