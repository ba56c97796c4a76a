// The table of keyboard shortcuts. The keys (shortcuts.js), the sheet that `?` opens
// (shortcut_sheet.js) and the command palette (command_palette.js) all use it. An action does what
// its control does, and is possible while the control is visible and enabled, so no rule is
// repeated here.

// group: its section in the sheet. keys: named as the browser does. The action is one of: `press`,
// click this control; `focus`, focus this element; `part`, open this part of the conversation's
// menu; `pick`, open the list below this button; `go`, a method of Shortcuts. An entry without one is handled by the element that has the
// focus; the sheet only lists it. ai: only where there is an assistant.
export const TABLE = [
  { group: "list", name: "next", keys: ["j", "ArrowDown"], go: "next", often: true },
  { group: "list", name: "previous", keys: ["k", "ArrowUp"], go: "previous", often: true },
  { group: "list", name: "open", keys: ["Enter"] },
  { group: "list", name: "back", keys: ["Escape"], go: "back" },
  { group: "list", name: "search", keys: ["/"], focus: ".search [name=q]" },
  { group: "list", name: "views", keys: ["1", "2", "3", "4", "5", "6", "7", "8", "9"], go: "view" },
  { group: "list", name: "fresh", keys: ["g"], press: ".fresh" },
  { group: "list", name: "select", keys: ["x"], go: "select" },
  { group: "conversation", name: "reply", keys: ["r"], press: '.modes [value=""]', focus: "#content" },
  { group: "conversation", name: "note", keys: ["n"], press: '.modes [value="1"]', focus: "#content" },
  { group: "conversation", name: "claim", keys: ["c"], press: '[data-part="claim"] button' },
  { group: "conversation", name: "take_over", press: '[data-part="take_over"] button' },
  { group: "conversation", name: "release", keys: ["u"], press: '[data-part="release"] button' },
  { group: "conversation", name: "close", keys: ["e"], press: '[data-part="close"] button' },
  { group: "conversation", name: "close_with", keys: ["d"], press: '[data-part="close-with"] > summary' },
  { group: "conversation", name: "reopen", keys: ["o"], press: '[data-part="reopen"] button' },
  { group: "conversation", name: "not_spam", keys: ["h"], press: '[data-part="not_spam"] button' },
  { group: "conversation", name: "spam", keys: ["b"], press: '[data-part="spam"] button' },
  { group: "conversation", name: "transfer", keys: ["t"], pick: '[data-picks="transfer"]' },
  { group: "conversation", name: "invite", keys: ["i"], pick: '.menu [data-picks="invite"]' },
  { group: "conversation", name: "snooze", keys: ["s"], pick: '[data-picks="snooze"]' },
  { group: "conversation", name: "wake", keys: ["w"], press: '[data-part="wake"] button' },
  { group: "conversation", name: "tag", keys: ["l"], focus: ".add-tag input[list]" },
  { group: "conversation", name: "panel", keys: ["v"], press: ".panel-open" },
  { group: "conversation", name: "summary", keys: ["m"], press: ".menu .ai-summary", ai: true },
  { group: "conversation", name: "remove", part: "remove" },
  { group: "conversation", name: "leave", part: "leave" },
  { group: "writing", name: "send", keys: ["Enter"] },
  { group: "writing", name: "line", keys: ["Shift+Enter"] },
  { group: "writing", name: "canned", keys: ["/"] },
  { group: "writing", name: "call", keys: ["@"] },
  { group: "writing", name: "message", keys: ["ArrowUp"] },
  { group: "writing", name: "bold", keys: ["Mod+b"] },
  { group: "writing", name: "italic", keys: ["Mod+i"] },
  { group: "writing", name: "attach", keys: ["a"], press: ".attach input" },
  { group: "writing", name: "draft", keys: ["f"], press: ".ai-draft", ai: true },
  { group: "writing", name: "emoji", press: "button.emoji" },
  { group: "everywhere", name: "palette", keys: ["Mod+k"], go: "palette" },
  { group: "everywhere", name: "sheet", keys: ["?"], go: "sheet" },
  { group: "everywhere", name: "accept_offer", keys: ["y"], press: ".offer .accept" },
  { group: "everywhere", name: "pass_offer", keys: ["p"], press: ".offer .pass" },
  { group: "everywhere", name: "undo", keys: ["z"], press: ".toast .undo" },
  { group: "everywhere", name: "online", press: ".online > summary" },
  { group: "everywhere", name: "replies", press: '.rail [href$="/replies/"]' },
  { group: "everywhere", name: "visitors", press: '.rail [href$="/visitors/"]' },
  { group: "everywhere", name: "profile", press: '.rail [href$="/profile/"]' },
  { group: "everywhere", name: "sign_out", press: '.rail [action$="/logout/"] button' },
];

// On a Mac, Ctrl moves and deletes in fields, and ⌘ does what Ctrl does elsewhere.
export const MAC = /^(Mac|iP)/.test(globalThis.navigator?.platform ?? "");

const TYPED = 'input:not([type="checkbox"], [type="radio"], [type="button"], [type="submit"]), textarea, select, [contenteditable]';

// Whether letters that are typed there go into the element.
export const takesLetters = (element) => element.matches(TYPED);

// The entry of a keydown event, or null. typing: whether letters go into a field; single: whether
// keys without Ctrl do anything (WCAG 2.1.4 asks for a way to switch them off). Keys of an input
// method are ignored: isComposing says so, and in Safari keyCode 229.
export function meant(event, { typing, single }) {
  if (event.defaultPrevented || event.isComposing || event.keyCode === 229) return null;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (event.altKey || event[MAC ? "ctrlKey" : "metaKey"]) return null;
  if (event.ctrlKey || event.metaKey) return event.shiftKey ? null : entryOf(`Mod+${key}`);
  const entry = entryOf(key);
  const letter = key.length === 1;
  if (!entry || (event.repeat && !entry.often) || (event.shiftKey && /^([a-z]|\w{2,})$/.test(key))) return null;
  if (letter && (typing || !single)) return null;
  return entry;
}

const entryOf = (key) => TABLE.find((entry) => acts(entry) && entry.keys?.includes(key)) ?? null;

// Whether the entry has an action of its own.
export const acts = ({ press, focus, part, pick, go }) => Boolean(press || focus || part || pick || go);
