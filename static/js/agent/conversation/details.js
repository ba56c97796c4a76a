// What surrounds the messages of the open conversation: its name and team, the agents who sit in
// it, and the visitor.

import { showDot, showFace } from "../avatar.js";
import { urgency } from "../inbox/inbox_row.js";
import { Labels } from "./labels.js";
import { text } from "../../shared/text.js";

const FACES = 6;
const FEWER = 3;
const TICK = 1_000;

export class Details {
  // root: the workspace's body. template: that of a seat. me: the agent's uuid. manager: whether they
  // may act without a seat. onChange(facts, members): called after each change. about: the options
  // of VisitorPanel.
  constructor({ root, template, me, manager, onChange, about }) {
    Object.assign(this, { template, me, manager, onChange, about, members: [], visitor: null, known: {} });
    this.find = (selector) => root.querySelector(selector);
    this.lists = root.querySelectorAll(".seats");
    this.acting = root.querySelectorAll("[data-acts]");
    this.forms = root.querySelectorAll(".panel .about");
    this.panel = null;
    this.loaded = false;
    setInterval(() => this.showDue(), TICK);
  }

  // Does `step` with the visitor panel, which is loaded with the first conversation.
  async inPanel(step) {
    const { about } = this;
    this.panel ??= import("./visitor_panel.js").then(({ VisitorPanel }) => new VisitorPanel({ ...about, panel: this.find(".panel") }));
    const panel = await this.panel.catch(() => (this.panel = null));
    this.loaded = Boolean(panel);
    if (panel) step(panel);
  }

  // Takes over the open conversation that the server rendered.
  adopt(group, visitor) {
    const online = this.find(".head-face .dot").classList.contains("on");
    const { language } = this.find(".conversation").dataset;
    this.visitor = { visitor, name: this.find('[data-fact="name"]').textContent, online, language };
    this.inPanel((panel) => panel.adopt(group, visitor));
    this.members = [...this.find(".seats.in-panel").children].map((seat) => ({
      member: seat.dataset.member,
      name: seat.querySelector(".seat-name").textContent,
      avatar: seat.querySelector("img")?.getAttribute("src") ?? "",
      leader: !seat.querySelector(".seat-leader").hidden,
      state: seat.dataset.state,
      bot: "bot" in seat.dataset,
    }));
    const { open, claimedBy, bot, botName, team, waitingSince, due, target, channel, reach } = this.find(".conversation").dataset;
    this.known = {
      group_name: this.find("#thread-name").textContent,
      open: open !== undefined,
      claimed_by: claimedBy || null,
      bot: bot || null,
      bot_name: botName || null,
      waiting_since: waitingSince || null,
      due_at: due || null,
      target: Number(target),
      team,
      acts: this.seated || this.manager,
      ...Labels.adopt(document),
      ...(reach && { channel: channel || null, reach: JSON.parse(reach) }),
    };
    this.showRest();
    this.onChange(this.known, this.members);
  }

  // Whether the agent leads the open conversation.
  get leads() {
    return this.manager || Boolean(this.members.find(({ member }) => member === this.me)?.leader);
  }

  // Shows another conversation.
  open(conversation) {
    this.known = {};
    this.visitor = conversation.visitor;
    this.sit(conversation.seated);
    this.update(conversation);
    // Until the panel is loaded, its forms are of another conversation or of none.
    if (!this.loaded) for (const form of this.forms) form.inert = true;
    this.inPanel((panel) => panel.show(conversation.group, conversation.visitor));
  }

  // The visitor's face in the head.
  showVisitor() {
    const face = this.find(".head-face");
    showFace(face, { uuid: this.visitor.visitor, name: this.known.group_name ?? this.visitor.name });
    showDot(face, this.visitor.online ? "online" : "offline");
  }

  get seated() {
    return this.find(".conversation").hasAttribute("data-seated");
  }

  // Whether the agent sits in the open conversation, or only looks at it: a manager may act there
  // nevertheless, a supervisor may not.
  sit(seated) {
    this.known.acts = seated || this.manager;
    for (const part of this.acting) part.hidden = !this.known.acts;
    this.find(".conversation").toggleAttribute("data-seated", seated);
    this.find(".not-seated").hidden = seated;
    this.find(".seated-only").hidden = !seated;
    this.showOpen();
  }

  showOpen() {
    const { open } = this.known;
    this.find(".thread-closed").hidden = open !== false;
    this.find(".closed-hint").hidden = open !== false || this.find(".seated-only").hidden;
  }

  showClaim() {
    const { claimed_by: holder, claimed_name: name, bot, bot_name: botName } = this.known;
    const element = this.find(".thread-claim");
    element.hidden = !holder && !bot;
    if (bot) element.textContent = ` · ${text("bot_answers", { name: botName })}`;
    if (holder === this.me) element.textContent = ` · ${text("claimed_by_you")}`;
    else if (holder && name) element.textContent = ` · ${text("claimed_by", { name })}`;
  }

  // Until when the visitor is to have an answer, while they wait for one.
  showDue() {
    const { waiting_since: since, due_at: due, snoozed_until: until } = this.known;
    const element = this.find(".thread-due");
    element.hidden = !since || !due || Boolean(until);
    if (element.hidden) return;
    const { level, words } = urgency(this.known);
    element.dataset.level = level;
    if (element.textContent !== ` · ${words}`) element.textContent = ` · ${words}`;
  }

  // facts: those that changed.
  update(facts) {
    Object.assign(this.known, facts);
    const { group_name: name, team_name: team } = this.known;
    if (name !== undefined) this.find("#thread-name").textContent = name;
    if (facts.group_name !== undefined && this.visitor) this.showVisitor();
    if (team !== undefined) this.find(".team-name").textContent = team;
    this.showOpen();
    this.showClaim();
    this.showDue();
    if (facts.members || "bot" in facts) this.showMembers(facts.members ?? this.members);
    this.onChange(this.known, this.members);
  }

  renamed(who, name, avatar) {
    if (this.known.claimed_by === who) {
      this.known.claimed_name = name;
      this.showClaim();
    }
    if (!this.members.some(({ member }) => member === who)) return;
    this.showMembers(this.members.map((one) => (one.member === who ? { ...one, name, avatar } : one)));
  }

  showMembers(members) {
    this.members = members;
    for (const list of this.lists) list.replaceChildren(...members.map((member) => this.seat(member)));
    this.showRest();
  }

  // The head has room for a few faces, a narrow one for fewer; the panel lists all members.
  showRest() {
    const head = this.find(".seats.in-head");
    for (const [name, faces] of [["rest", FACES], ["more", FEWER]]) {
      const rest = this.members.length - faces;
      if (rest > 0) head.dataset[name] = `+${rest}`;
      else delete head.dataset[name];
    }
  }

  seat({ member, name, avatar, leader, state, bot }) {
    const seat = this.template.content.firstElementChild.cloneNode(true);
    // A bot is no agent who is online or not: it answers here, or it does not.
    const told = text(bot ? (member === this.known.bot ? "replying" : "not_replying") : state);
    seat.title = bot ? name : `${name} · ${told}`;
    seat.toggleAttribute("data-bot", Boolean(bot));
    seat.querySelector(".seat-bot").hidden = !bot;
    Object.assign(seat.dataset, { member, state });
    showFace(seat, { uuid: member, name, avatar });
    showDot(seat, state);
    seat.querySelector(".seat-name").textContent = name;
    seat.querySelector(".seat-leader").hidden = !leader;
    seat.querySelector(".seat-presence").textContent = told;
    return seat;
  }

  // Facts of the visitor that changed. Whether others are linked with them is no fact of theirs.
  updateVisitor({ type, linked, ...facts }) {
    if (this.visitor?.visitor !== facts.visitor) return;
    Object.assign(this.visitor, facts);
    this.showVisitor();
    this.inPanel((panel) => panel.update(facts));
    if (linked) this.refresh();
  }

  // Some of what the panel shows changes without an event.
  refresh() {
    if (this.visitor) this.inPanel((panel) => panel.refresh());
  }

  presence({ member, visitor, online, state }) {
    if (member && this.members.some((one) => one.member === member)) {
      this.showMembers(this.members.map((one) => (one.member === member ? { ...one, state } : one)));
    }
    if (visitor && this.visitor?.visitor === visitor) {
      this.updateVisitor({ visitor, online, ...(!online && { last_seen_at: new Date().toISOString() }) });
    }
  }

  nameOf(uuid) {
    if (uuid === this.visitor?.visitor) return this.known.group_name ?? this.visitor.name;
    return this.members.find(({ member }) => member === uuid)?.name ?? "…";
  }
}
