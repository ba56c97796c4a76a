// What the service worker shows for a push, and for what came of a button on it. The server sends
// facts; the words are those of the member's language (chat/views/agents/app.py).

import { fill } from "../shared/text.js";

// The kinds that ask for somebody, and the buttons of each.
const BUTTONS = { waiting: ["claim", "reply"], offer: ["claim", "reply"], mention: [] };

// said: the payload of a push (docs/protocol.md), or {} where it could not be read: something has
// to be shown for every push. Returns the arguments of showNotification.
export function noticeOf({ kind = "", group = "", name = "", text = "" }, { texts = {}, me = "", icon, badge }) {
  const title = fill((!name && texts[`${kind}_alone`]) || (texts[kind] ?? texts.other ?? "Kefu"), { name });
  const buttons = BUTTONS[kind] ?? [];
  const options = {
    body: text,
    tag: group || kind || "kefu",
    data: { group, kind, me, name },
    icon,
    badge,
    silent: kind === "gone",
    // Each new cause is heard, although the one before is still shown.
    renotify: kind !== "gone",
    actions: buttons.map((action) => ({
      action,
      title: texts[action] ?? action,
      // A field in the notice, where the system has that.
      ...(action === "reply" && { type: "text", placeholder: texts.reply_here }),
    })),
  };
  return [title, options];
}

// What is shown after a button was pressed. facts: the error object of the server's answer, or null
// where it was done. text: what was written.
export function outcomeOf(action, facts, { group, me, name }, { texts = {}, icon, badge }, text = "") {
  const known = { claimed: "taken", unauthorised: "signed_out", offline: "offline", unknown: "unknown" };
  const key = facts ? (known[facts.error] ?? "refused") : `${action}_done`;
  const title = fill(texts[key] ?? "Kefu", { name: key === "taken" ? (facts.claimed_name ?? "…") : name });
  // What was not stored can be read and copied.
  return [title, { body: facts ? text : "", tag: group, data: { group, kind: "outcome", me, name }, icon, badge, silent: !facts }];
}

// How many visitors and colleagues the shown notices speak of.
export const calling = (notices) => notices.filter(({ data }) => data?.kind in BUTTONS).length;
