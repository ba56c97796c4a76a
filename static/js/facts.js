// What stands around the open conversation: its name and team, who sits in it, the visitor.

import { showDot, showFace } from "./avatar.js";
import { text } from "./text.js";
import { full } from "./time.js";

const FACES = 6;

export class Facts {
  // root: the workspace's body; template: one seat.
  constructor({ root, template }) {
    Object.assign(this, { template, members: [], visitor: null, known: {} });
    this.find = (selector) => root.querySelector(selector);
    this.lists = root.querySelectorAll(".seats");
    this.panel = this.find(".panel");
    const created = this.find('[data-fact="created_at"]');
    if (created.dateTime) created.textContent = full(new Date(created.dateTime));
    const language = this.find('[data-fact="language"]');
    if (language.textContent) language.textContent = languageName(language.textContent);
  }

  // Takes over what the server rendered of the open conversation.
  adopt(visitor) {
    this.visitor = { visitor, name: this.find('[data-fact="name"]').textContent };
    this.members = [...this.find(".seats.in-panel").children].map((seat) => ({
      member: seat.dataset.member,
      name: seat.title,
      avatar: seat.querySelector("img")?.getAttribute("src") ?? "",
      leader: !seat.querySelector(".seat-leader").hidden,
      online: seat.querySelector(".dot").classList.contains("on"),
    }));
    this.known = { group_name: this.find("#thread-name").textContent };
    this.showRest();
  }

  // Another conversation.
  open(conversation) {
    this.known = {};
    this.update(conversation);
    this.showVisitor(conversation.visitor);
    this.find(".conversation").toggleAttribute("data-seated", conversation.seated);
    this.find(".not-seated").hidden = conversation.seated;
    this.find(".seated-only").hidden = !conversation.seated;
  }

  // Only the facts that changed.
  update(facts) {
    Object.assign(this.known, facts);
    const { group_name: name, team_name: team, open } = this.known;
    if (name !== undefined) this.find("#thread-name").textContent = name;
    if (team !== undefined) this.find(".team-name").textContent = team;
    if (open !== undefined) this.find(".thread-closed").hidden = open;
    if (facts.members) this.showMembers(facts.members);
  }

  showMembers(members) {
    this.members = members;
    for (const list of this.lists) list.replaceChildren(...members.map((member) => this.seat(member)));
    this.showRest();
  }

  // The head has room for some faces only; the panel lists everybody.
  showRest() {
    const rest = this.members.length - FACES;
    const head = this.find(".seats.in-head");
    if (rest > 0) head.dataset.rest = `+${rest}`;
    else delete head.dataset.rest;
  }

  seat({ member, name, avatar, leader, online }) {
    const seat = this.template.content.firstElementChild.cloneNode(true);
    seat.title = name;
    seat.dataset.member = member;
    showFace(seat, { uuid: member, name, avatar });
    showDot(seat, online);
    seat.querySelector(".seat-name").textContent = name;
    seat.querySelector(".seat-leader").hidden = !leader;
    seat.querySelector(".seat-presence").textContent = text(online ? "online" : "offline");
    return seat;
  }

  showVisitor(visitor) {
    this.visitor = visitor;
    this.showOnline();
    for (const element of this.panel.querySelectorAll("[data-fact]")) {
      const name = element.dataset.fact;
      if (name === "online") continue;
      let value = visitor[name];
      if (name === "language" && value) value = languageName(value);
      if (name === "created_at") {
        element.dateTime = value;
        value = full(new Date(value));
      }
      element.textContent = value ?? "";
      element.closest("div").hidden = !value;
    }
  }

  showOnline() {
    this.find('[data-fact="online"]').textContent = text(this.visitor.online ? "online" : "offline");
  }

  presence({ member, visitor, online }) {
    if (member && this.members.some((one) => one.member === member)) {
      this.showMembers(this.members.map((one) => (one.member === member ? { ...one, online } : one)));
    }
    if (visitor && this.visitor?.visitor === visitor) {
      this.visitor.online = online;
      this.showOnline();
    }
  }

  nameOf(uuid) {
    if (uuid === this.visitor?.visitor) return this.known.group_name ?? this.visitor.name;
    return this.members.find(({ member }) => member === uuid)?.name ?? "…";
  }
}

function languageName(tag) {
  try {
    return new Intl.DisplayNames(document.documentElement.lang, { type: "language" }).of(tag);
  } catch {
    return tag;
  }
}
