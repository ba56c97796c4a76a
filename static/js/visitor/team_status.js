// Which team looks after the visitor, and whether somebody of it is there.

import { plural, text } from "../shared/text.js";

export class TeamStatus {
  // page: the body's data. introduction: asks for an address while nobody is there.
  constructor({ page, find, introduction }) {
    Object.assign(this, { page, find, introduction, shown: null });
  }

  // facts: the event of the team; without one it has changed, and no socket says to which.
  async update(facts) {
    if (facts?.team !== this.page.serving) {
      await import("./serving_team.js").then(({ showServingTeam }) => showServingTeam(this.page), () => {});
    }
    if (facts) this.showOnline(facts);
  }

  async showOnline(facts) {
    this.shown = facts;
    const timed = !facts.open || facts.closes_at;
    const again = (then) => this.showOnline(then);
    const closed = timed && (await import("../shared/hours.js")).hoursLine(facts, again);
    // Newer facts came while the module was loaded.
    if (this.shown !== facts) return;
    const { online, busy } = facts;
    const away = Boolean(closed) || !(online || busy);
    document.body.toggleAttribute("data-away", away);
    this.introduction.away(away);
    this.find(".status .dot").className = `dot ${closed ? "off" : online ? "on" : busy ? "busy" : "off"}`;
    this.find(".status-text").textContent = closed || (online ? plural("online", online) : text(busy ? "online_busy" : "online_none"));
  }
}
