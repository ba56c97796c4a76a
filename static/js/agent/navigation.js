// Which conversation is open: goes to another one, keeps the address in step, and leaves one that
// went away.

import { layers } from "./layers.js";
import { text } from "../shared/text.js";
import { adoptSources } from "../thread/article_link.js";

const GROUP = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/;

const TOUCHES = ["pointerdown", "click", "keydown", "wheel", "focusin"];

export class Navigation {
  // workspace: the WorkspaceController.
  constructor(workspace) {
    // untouched: the group that is shown although nobody has chosen it; null for none.
    Object.assign(this, { workspace, finished: null, untouched: null });
  }

  // links: those that lead to the inbox.
  listen(links) {
    for (const link of links) {
      link.addEventListener("click", (event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        this.go(null);
      });
    }
    layers.begin();
    window.addEventListener("popstate", () => {
      if (layers.popped()) return;
      this.workspace.column.follow();
      const group = location.pathname.match(GROUP)?.[0] ?? null;
      if (group !== this.workspace.conversations.wanted) this.go(group, false);
    });
  }

  // Shows the first of those who wait, where there is room beside the list. It is not read, and this
  // window does not look at it, until somebody touches it. One without a seat is left alone, since
  // the audit has who reads it.
  showFirst(parts) {
    const first = this.workspace.column.inbox.shown.find(({ seated }) => seated !== false);
    if (!first) return;
    this.untouched = first.group;
    for (const part of parts) {
      for (const name of TOUCHES) part.addEventListener(name, () => this.touch(), { capture: true, passive: true });
    }
    this.open(first.group);
  }

  // Somebody turns to what is shown.
  touch() {
    const { column, conversations, viewing } = this.workspace;
    const group = this.untouched;
    this.untouched = null;
    if (!group || conversations.wanted !== group) return;
    history.replaceState(null, "", column.address(group));
    if (conversations.group !== group) return;
    viewing.use(group);
    this.workspace.read();
  }

  // Takes over the conversation that the server rendered. given: the data of its element. Around a
  // message that was searched for the newest ones are missing, so the conversation is loaded anew.
  adopt(group, given) {
    const { actions, conversations, details, view, viewing } = this.workspace;
    if (given.at) return this.go(group, false, Number(given.at));
    if (!group) return;
    const seenSeq = Number(given.seenSeq);
    const readSeq = Number(given.readSeq);
    const messages = view.adopt(seenSeq);
    adoptSources(view, messages);
    conversations.adopt(group, { messages, completeTo: Number(given.lastSeq), more: "more" in given, readSeq, seenSeq });
    actions.use(group);
    viewing.use(group);
    details.adopt(group, given.visitor);
    this.begin(conversations.current);
    view.markFresh(readSeq);
  }

  // Opens a conversation, or with null the inbox. seq: a message to show in it; 0 for none.
  async go(group, push = true, seq = 0) {
    const { column, conversations, view } = this.workspace;
    if (group === this.untouched) this.touch();
    this.untouched = null;
    if (push && group !== conversations.wanted) {
      if (group || !layers.narrow) layers.enter(() => column.address(group), !conversations.wanted);
      else layers.leave(column.address(null));
    }
    await this.open(group);
    if (!group || !seq) return;
    const { jumpToMessage } = await import("./conversation/jump.js");
    if (conversations.group === group) jumpToMessage(conversations.current, view, seq, () => conversations.current);
  }

  async open(group) {
    const { column, conversations, shortcuts } = this.workspace;
    column.inbox.current(group);
    shortcuts.early = [];
    if (!group) return conversations.put(null);
    await conversations.open(group);
  }

  // The agent is done with this conversation: opens the one that has waited longest, or none where
  // nobody waits. If the server can't say, or the agent has gone on already, nothing happens.
  async next(done) {
    const { column, conversations } = this.workspace;
    const group = await column.nextWaiting(done).catch(() => undefined);
    if (group === undefined || ![done, null].includes(conversations.wanted)) return;
    this.finished = done;
    if (!group) column.views.refresh();
    this.go(group);
  }

  // What finished this conversation was undone: opens it again if another one took its place.
  unfinished(group) {
    if (group === this.finished) this.go(group);
    this.finished = null;
  }

  // Shows this conversation, or with null that none is open.
  show(conversation) {
    const { actions, column, find, page, shortcuts, title, typing, viewing, writing } = this.workspace;
    const group = conversation?.group ?? null;
    writing.stopTyping();
    typing.clear();
    actions.use(group);
    viewing.use(group === this.untouched ? null : group);
    page.view = group ? "thread" : "inbox";
    find(".opened").hidden = !group;
    find(".nothing").hidden = Boolean(group);
    find(".panel").hidden = !group;
    layers.clear();
    find(".panel").removeAttribute("data-open");
    // The panel covered it if the window became narrow while that was open.
    find(".thread").inert = false;
    column.inbox.current(group);
    const name = group && (column.inbox.rows.get(group)?.group_name ?? find("#thread-name").textContent);
    title.rename(`${group ? name : text("conversations")} · Kefu`);
    if (conversation) this.begin(conversation);
    // The focus stays where it is while nobody has chosen this conversation.
    if (!group || group !== this.untouched) shortcuts.shown();
  }

  begin(conversation) {
    const { view, writing } = this.workspace;
    writing.use(conversation);
    view.anchor.toEnd();
    this.workspace.read();
  }

  // The chosen conversation could not be loaded: the one before stays open.
  notLoaded(failure, group) {
    const { column, conversations, status } = this.workspace;
    this.workspace.failed(failure);
    if (failure.code === "merged") return this.leave(group, failure.facts.into, true);
    if (failure.code === "not_found") this.leave(group);
    if (failure.code !== "unauthorised") status.notify(failure.code === "not_found" ? "gone" : "not_loaded");
    history.replaceState(null, "", column.address(conversations.group));
    column.inbox.current(conversations.group);
  }

  // The agent sits in this conversation no more. into: the one that it has become a part of; null
  // where that is not known. sought: as in merges.js.
  leave(group, into, sought) {
    const { actions, column, conversations, status } = this.workspace;
    if (into !== undefined) return import("./merges.js").then(({ merged }) => merged(this.workspace, group, into, sought), () => this.leave(group));
    column.inbox.remove(group);
    if (conversations.wanted === group) {
      history.replaceState(null, "", column.address(null));
      if (!actions.left(group)) status.notify("gone");
    }
    conversations.drop(group);
  }
}
