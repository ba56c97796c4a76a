// Alerts the agent by a sound, a desktop notification and a dot on the icon. Of all windows one
// gives the alert, and none does while the agent looks at the conversation.

import { kindOf, waysOf } from "./alert_rules.js";
import { Away } from "../away.js";
import { Chime } from "../../shared/chime.js";
import { watched } from "../../connection/conversation.js";
import { getJson } from "../../connection/http.js";
import { lastLine } from "../inbox/inbox_row.js";
import { has, text } from "../../shared/text.js";
import { uncited } from "../../thread/words.js";
import { Windows } from "../../shared/windows.js";

// The settings until the member's own are loaded.
const USUAL = { sound: ["unclaimed", "mine"], desktop: ["unclaimed", "mine"], quiet: null, away_minutes: 10 };
// The pause between two sounds, in milliseconds: of ten messages in a row one is heard.
const APART = 2000;
// Milliseconds to wait so that the best window gives the alert: first one with the focus, then one
// that may play sounds, then any other.
const WAITS = { working: 120, able: 250, silent: 500 };
const CHANCE = 60;
// Characters of a message in a notification.
const LONGEST = 120;

export class Alerts {
  // rowOf(group): a promise of the conversation's row. choices(): a promise of the member's
  // settings. looking(group): whether somebody looks at this window and that conversation; without
  // a group, at any. icon, notices, hint: what shows the alerts.
  constructor({ me, rowOf, choices, looking, windows, chime, icon, notices, hint, clock = globalThis, random = Math.random }) {
    Object.assign(this, { me, rowOf, choices, looking, windows, chime, icon, notices, hint, clock, random });
    Object.assign(this, { chosen: null, asked: null, sounded: -APART });
  }

  // url: the address of the settings. icon: the address of the icon with a dot. store, place: where
  // windows keep what they share. column: the InboxColumn.
  static start({ me, url, icon, store, place, column, conversations, go, send }) {
    const alerts = new Alerts({
      me,
      rowOf: (group) => column.rowOf(group),
      choices: () => getJson(url),
      looking: (group) => watched() && (group === undefined || conversations.group === group),
      windows: new Windows({ store, key: `${place}:alerted` }),
      chime: new Chime(),
      icon: new Icon(document.querySelector('link[rel="icon"]'), icon),
      notices: new Notices({ me, open: go }),
      hint: new Hint(document),
    });
    const looked = `${place}:looked`;
    const look = () => {
      if (!watched()) return;
      store.set(looked, Date.now());
      alerts.seen();
    };
    for (const name of ["focus", "visibilitychange"]) addEventListener(name, look, true);
    addEventListener("storage", ({ key }) => key === looked && alerts.seen());
    for (const name of ["pointerdown", "keydown"]) document.addEventListener(name, () => alerts.touched(), true);
    if (navigator.userActivation?.hasBeenActive) alerts.touched();
    const minutes = async () => (await alerts.choice()).away_minutes;
    alerts.away = new Away({ minutes, send, store, key: `${place}:input` });
    alerts.away.listen(window);
    return alerts;
  }

  // Somebody looked at one of the windows.
  seen() {
    this.icon.dot(false);
    this.notices.clear();
  }

  async touched() {
    // Some browsers stay silent all the same; then the hint, which asks for a touch, was wrong.
    this.hint.show(false);
    if (!this.chime.ready) await this.chime.unlock();
  }

  choose({ sound, desktop, quiet, away_minutes }) {
    this.chosen = { sound, desktop, quiet, away_minutes };
  }

  // Loads the settings once. Those that an event brought meanwhile are newer.
  async choice() {
    if (!this.chosen) {
      this.asked ??= this.choices().catch(() => (this.asked = null));
      const answer = await this.asked;
      this.chosen ??= answer;
    }
    return this.chosen ?? USUAL;
  }

  // Alerts of a message if this window should. A promise of the kind of alert it gave, or null.
  async alert(message) {
    const { group, seq } = message;
    const name = `${group}:${seq}`;
    if (this.looking(group)) {
      await this.windows.first(name, "seen");
      return null;
    }
    const row = (await this.rowOf(group).catch(() => null)) ?? {};
    const kind = kindOf(message, row, this.me);
    if (!kind) return null;
    const ways = waysOf(kind, await this.choice(), new Date(this.clock.Date.now()));
    if (!ways.dot) return null;
    await this.letOthersFirst();
    const before = await this.windows.first(name, this.looking(group) ? "seen" : "told");
    if (before === "seen" || this.looking(group)) return null;
    if (!this.looking()) this.icon.dot(true);
    if (before) return null;
    if (ways.sound) this.sound(kind);
    if (ways.desktop && !this.looking()) this.notices.show(message, kind, row);
    return kind;
  }

  letOthersFirst() {
    const wait = this.looking() ? WAITS.working : this.chime.ready ? WAITS.able : WAITS.silent;
    return new Promise((done) => this.clock.setTimeout(done, wait + CHANCE * this.random()));
  }

  sound(kind) {
    const now = this.clock.Date.now();
    if (now - this.sounded < APART) return;
    this.sounded = now;
    this.hint.show(!this.chime.play(kind));
  }
}

// The icon in the browser's tab, with a dot or without.
class Icon {
  constructor(link, dotted) {
    Object.assign(this, { link, dotted, plain: link.href });
  }

  dot(shown) {
    this.link.href = shown ? this.dotted : this.plain;
  }
}

// Desktop notifications, where the agent has allowed them (alert_page.js asks). Each conversation
// has one, which the next replaces.
export class Notices {
  constructor({ me, open, Notification = globalThis.Notification, window = globalThis }) {
    Object.assign(this, { me, open, Notification, window, shown: new Map() });
  }

  show(message, kind, { group_name: name = "", visitor }) {
    if (this.Notification?.permission !== "granted") return;
    const { group, content, sender_name: who } = message;
    // A leader is called by a wait, and by no colleague.
    const key = kind === "mention" && !who ? "alert_called" : `alert_${kind}`;
    const title = has(key) ? text(key, { name, who }) : name;
    const body = lastLine({ last: { ...message, excerpt: uncited(content, message.data).slice(0, LONGEST) }, visitor }, this.me);
    let notice;
    try {
      notice = new this.Notification(title, { body, tag: group, renotify: true, silent: true });
    } catch {
      // Chromium on Android allows only service workers to show them.
      return;
    }
    notice.onclick = () => {
      this.window.focus();
      this.open(group);
      this.clear();
    };
    this.shown.set(group, notice);
  }

  clear() {
    for (const notice of this.shown.values()) notice.close();
    this.shown.clear();
  }
}

// Says that the browser blocked a sound. It stands over the page, so that nothing moves.
class Hint {
  constructor(document) {
    Object.assign(this, { document, element: null });
  }

  show(blocked) {
    if (!blocked) {
      this.element?.remove();
      this.element = null;
    } else if (!this.element) {
      const line = Object.assign(this.document.createElement("p"), { className: "sound-hint", role: "status" });
      this.element = line;
      this.document.body.append(line);
      // A screen reader speaks what comes into a status that is there.
      setTimeout(() => (line.textContent = text("sound_blocked")), 50);
    }
  }
}
