// What the workspace shows of channels: by which one an answer goes and what may still be sent by it,
// the other ways to reach the customer, and at each message what became of it. Loaded with the first
// conversation that has a channel.

import { make } from "./make.js";
import { Messages } from "./messages.js";
import { drawReach } from "./reach.js";
import { redraw } from "../redraw.js";
import { isOpen, PAGE, pieces, shutBy, standing } from "./ways.js";
import { postForm } from "../../connection/http.js";
import { text } from "../../shared/text.js";

const MINUTE = 60_000;
const SOON = 60 * MINUTE;

export class Channel {
  // workspace: the WorkspaceController.
  constructor(workspace) {
    const { conversations, find, view, writing } = workspace;
    Object.assign(this, { workspace, conversations, composer: writing.composer, sure: false, group: null });
    this.messages = new Messages({ view, conversations, ways: () => this.others(), send: (content) => this.send(content), go: (...to) => this.go(...to) });
    [this.line, this.closed, this.last, this.reach, this.head] = [".way-line", ".window-closed", ".last-one", ".reach", ".thread-channel"].map(find);
    this.composer.ready = () => this.allows();
    const [keep, insist] = this.last.querySelectorAll("button");
    keep.addEventListener("click", () => this.answered());
    insist.addEventListener("click", () => this.answered(true));
    this.last.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.preventDefault();
      this.answered();
    });
    const note = this.closed.querySelector("button");
    note.hidden = false;
    note.addEventListener("click", () => {
      this.composer.form.querySelector('[name="note"][value="1"]').click();
      this.composer.field.focus();
    });
    this.composer.form.addEventListener("change", () => this.showClosed());
    for (const place of [this.line, this.closed, this.reach]) place.addEventListener("click", (event) => this.followed(event));
    this.reach.addEventListener("submit", (event) => this.settleCopy(event));
    setInterval(() => this.show(), MINUTE);
  }

  // The ways of the open conversation's customer, with what is known of its own window by now.
  get ways() {
    const { reach = [], window } = this.workspace.details.known;
    return reach.map((way) => (way.group === this.conversations.group && window !== undefined ? { ...way, window, state: way.state === "closed" ? "open" : way.state } : way));
  }

  // That of the open conversation; null where it is the page.
  get way() {
    return this.ways.find(({ group, kind }) => group === this.conversations.group && kind !== PAGE) ?? null;
  }

  // The others by which they can be written to now.
  others() {
    return this.ways.filter((way) => way.group !== this.conversations.group && way.state === "open" && isOpen(way));
  }

  // What belongs to the open conversation.
  show() {
    const { conversations, way, ways } = this;
    if (conversations.group !== this.group) this.last.hidden = true;
    this.group = conversations.group;
    document.body.dataset.channel = way?.kind ?? "";
    this.head.hidden = !way;
    if (way) this.head.textContent = text("channel_" + way.kind) + " · ";
    this.showLine(way, ways);
    this.showClosed();
    drawReach(this.reach, ways, { group: this.group, href: this.workspace.href, seated: this.workspace.details.seated });
    this.messages.dressAll();
  }

  showLine(way, ways) {
    this.line.hidden = !way;
    if (!way) return;
    const { kind, window, whole, state } = way;
    const badge = make("span", { className: `by by-${kind}`, ariaHidden: "true" });
    const parts = [make("span", { className: "way-words" }, badge, " " + text("named_" + kind) + " ", make("b", {}, standing(way)))];
    const open = state === "open" && isOpen(way);
    if (open && window && whole) {
      const each = Array.from({ length: whole }, (_, number) => make("i", { className: number < window.left ? "on" : "" }));
      parts.push(make("span", { className: "way-pieces", ariaHidden: "true" }, ...each));
    }
    const soon = !open || window?.left === 1 || (window?.until && Date.parse(window.until) - Date.now() < SOON);
    this.line.toggleAttribute("data-soon", Boolean(soon));
    const [latest] = ways;
    const [other] = this.others();
    if (latest.group !== this.group) parts.push(this.link(latest.group, text("way_last", { name: text(`short_${latest.kind}`) })));
    else if (other) parts.push(this.link(other.group, text("named_" + other.kind) + " " + standing(other)));
    redraw(this.line, parts);
  }

  // A note can be written whatever the window is.
  showClosed() {
    const why = this.way ? shutBy(this.way) : "";
    this.closed.hidden = !why || !this.workspace.details.seated || this.composer.note;
    if (this.closed.hidden) return;
    const words = this.closed.querySelector("p");
    // Unchanged text is not set again: a screen reader would repeat it.
    if (words.textContent !== text(`shut_${why}`)) words.textContent = text(`shut_${why}`);
    const links = this.others().map(({ kind, group }) => this.link(group, text(`answer_${kind}`), "button"));
    redraw(this.closed.querySelector(".cluster"), links, [...this.closed.querySelectorAll("a")]);
  }

  link(group, words, className = "") {
    const link = make("a", { href: this.workspace.href(group), className }, words);
    link.dataset.group = group;
    return link;
  }

  // Whether what is in the field may be sent now. The last message before they write again is asked
  // for first.
  allows() {
    const { composer, last, way } = this;
    if (!way || this.sure || composer.note || composer.extra.edit) return true;
    if (shutBy(way)) {
      this.showClosed();
      this.closed.querySelector("a, button").focus();
      return false;
    }
    const left = way.window?.left ?? Infinity;
    const n = pieces(way, composer.field.value, composer.form.querySelectorAll(".tray li").length);
    if (n < left || !n) return true;
    const [keep, insist] = last.querySelectorAll("button");
    last.querySelector("p").textContent = n > left ? text("too_many", { n, left }) : text("last_one");
    insist.hidden = n > left;
    last.hidden = false;
    // The focus goes to what sends nothing, since a second Enter may be on its way.
    keep.focus();
    return false;
  }

  answered(sends = false) {
    const { composer } = this;
    this.last.hidden = true;
    composer.field.focus();
    if (!sends) return;
    this.sure = true;
    composer.submit();
    this.sure = false;
  }

  // Sends a text that did not arrive once more, as a new message. Returns whether it does.
  send(content) {
    if (this.way && shutBy(this.way)) return this.allows();
    this.workspace.sending.send(content, false, {});
    return true;
  }

  // Has answers go to somebody in Cc, too, or no more.
  async settleCopy(event) {
    event.preventDefault();
    event.stopPropagation();
    const { group, workspace } = this;
    const { address, accepted } = event.target.elements;
    const { reach } = workspace.details.known;
    try {
      await postForm(`${workspace.href(group)}visitor/`, { action: "copy", address: address.value, accepted: accepted.value });
      const copy = reach.find((way) => way.group === group).copies.find((one) => one.address === address.value);
      copy.accepted = accepted.value === "1";
      this.show();
    } catch (failure) {
      workspace.failed(failure);
      workspace.refused(failure.code);
    }
  }

  followed(event) {
    const link = event.target.closest("a[data-group]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    this.go(link.dataset.group, this.closed.contains(link) ? this.composer.field.value : "");
  }

  // Opens another conversation of the customer, and puts a text into its field.
  async go(group, content = "") {
    const { composer, workspace } = this;
    await workspace.navigation.go(group);
    if (!content || this.conversations.group !== group || composer.field.value) return;
    composer.restore(content, false);
  }

  // Whether the last message to them arrived, where no window says when they can be written to.
  arrives(group, does) {
    const way = (this.workspace.details.known.reach ?? []).find((one) => one.group === group && !one.window && /open|lost/.test(one.state));
    if (!way || (way.state === "open") === does) return;
    way.state = does ? "open" : "lost";
    this.show();
  }

  // Every event of the socket.
  handle(event) {
    if (event.type === "message.delivery") {
      this.messages.delivered(event);
      this.arrives(event.group, event.delivery.state !== "failed");
    }
    if (event.type === "message.posted") {
      this.messages.posted(event.message);
      if (event.message.sender_role === "visitor") this.arrives(event.message.group, true);
    }
    if (event.type === "error" && event.code === "window_closed") this.messages.refused(event);
  }
}
