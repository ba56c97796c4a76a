// How long and how often somebody can be written to by a way (chat/reading/reach.py), in words;
// chat/templatetags/channels.py says the same.

import { plural, text } from "../../shared/text.js";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
// The kind of the way that is no channel.
export const PAGE = "page";
// Bytes of one message; of longer texts WeChat gets several (chat/protocol/channels.py).
const LONGEST = { weixin: 2_048, weixin_kf: 2_048 };

export const isOpen = ({ state, window }, now = Date.now()) => {
  if (!["open", "closed"].includes(state)) return state !== "gone";
  return !window || ((!window.until || Date.parse(window.until) > now) && window.left !== 0);
};

// Why nothing can be sent by a way now, as the end of a text's key; "" where something can.
export function shutBy({ state, window, ...way }, now = Date.now()) {
  if (isOpen({ state, window, ...way }, now)) return "";
  if (state === "gone") return "gone";
  return window.until && Date.parse(window.until) <= now ? "until" : "left";
}

export function standing(way, now = Date.now()) {
  const { kind, state, window, whole } = way;
  if (!isOpen(way, now)) return text(`way_${state === "gone" ? state : "closed"}`);
  if (/off|broken|lost/.test(state)) return text(`way_${state}`);
  if (kind === PAGE) return text("way_page");
  if (!window) return text("way_open");
  return [leftWords(window, whole), window.until && timeLeft(Date.parse(window.until) - now)].filter(Boolean).join(" · ");
}

function leftWords({ left }, whole) {
  if (left === null) return "";
  return whole ? text("way_left", { left, whole }) : plural("way_messages", left);
}

const timeLeft = (milliseconds) =>
  milliseconds < HOUR ? text("way_minutes", { n: Math.ceil(milliseconds / MINUTE) }) : text("way_hours", { n: Math.floor(milliseconds / HOUR) });

// In how many messages a text of one's own goes out, with so many files.
export function pieces({ kind }, content, files = 0) {
  const size = content.trim() ? new TextEncoder().encode(content).length : 0;
  return Math.ceil(LONGEST[kind] ? size / LONGEST[kind] : Math.min(size, 1)) + files;
}
