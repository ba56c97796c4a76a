// Sends what an agent writes: keeps each text until it is known to be stored, and handles refusals.

import { Delivery, points } from "../connection/delivery.js";
import { Outbox } from "../connection/outbox.js";

export class Sending {
  // page: the body's data. prefix: of the outbox's keys in `store`. conversations, view: where the
  // texts are shown. href(group): a conversation's address. onAccepted(answer): a text that went
  // without a socket is stored. onUnauthorised(): a login is needed first.
  constructor({ page, store, prefix, connection, fallback, conversations, view, href, onAccepted, onUnauthorised }) {
    Object.assign(this, { page, conversations, view, onUnauthorised });
    this.delivery = new Delivery({
      connection,
      fallback,
      frame,
      url: ({ group }) => `${href(group)}messages/`,
      fields: (item) => ({ me: page.me, ...fields(item) }),
      onAccepted: (answer) => {
        onAccepted(answer);
        this.outbox.flush();
      },
      onRefused: (id, code, more) => this.refused(id, code, more),
    });
    this.outbox = new Outbox({
      store,
      prefix,
      transport: (item) => this.delivery.send(item),
      onChange: (item) => item.group === conversations.group && this.show(item),
    });
  }

  // Sends a text; returns false if it was not taken over. extra: the message it answers, and the
  // colleagues it mentions. seen: the seq of the last message that its author knew of.
  send(content, note, { calls, ...extra }, seen) {
    const { outbox, view } = this;
    const { current: one, loading } = this.conversations;
    if (!one || loading) return false;
    const meant = note ? (calls ?? []).filter(({ name }) => content.includes(`@${name}`)) : [];
    const mentions = meant.map(({ member }) => member);
    view.clearFresh();
    this.show(outbox.add({ group: one.group, content, note, seen: seen ?? one.timeline.last, ...extra, calls: meant, mentions }));
    outbox.flush();
    return true;
  }

  show(item) {
    this.view.showPending(this.outbox.shown(item), this.page.name);
  }

  // Shows the unsent texts of a conversation that is opened.
  open(one) {
    for (const item of this.outbox.itemsOf(one.group)) {
      if (one.has(item.client_id)) this.outbox.accepted(item.client_id);
      else this.show(item);
    }
  }

  refused(id, code, more) {
    if (code === "unauthorised") this.onUnauthorised();
    // Its conversation became a part of another one, in which messages have other numbers.
    if (code === "merged") return this.outbox.retry(id, { group: more.into, reply_to: null });
    const one = this.conversations.cache.get(this.outbox.items.get(id)?.group);
    // The colleague's messages are shown above the own text before it says that it is stale. The
    // answer holds only the newest of them; there may be more.
    for (const message of more.messages ?? []) if (message.seq) one?.posted(message);
    one?.mend();
    this.outbox.refused(id, code, more);
  }

  // A button at an unsent text: retry, send in spite of a colleague's message, edit in `composer`,
  // or discard.
  act(name, clientId, composer) {
    const { outbox, view } = this;
    const item = outbox.items.get(clientId);
    if (!item) return;
    if (name === "retry") outbox.retry(clientId);
    if (name === "insist") outbox.retry(clientId, { seen: this.conversations.current.timeline.last });
    if (name !== "edit" && name !== "discard") return;
    outbox.forget(clientId);
    view.dropPending(clientId);
    // With those whom what is being written mentions.
    const calls = [item, composer.extra].flatMap((one) => one.calls ?? []);
    if (name === "edit") composer.restore(item.content, item.note, { reply_to: item.reply_to, calls });
  }
}

// Agents may write notes at the same time, so only a reply says which message its author has seen.
function frame({ client_id, group, content, note, seen, ...item }) {
  return { type: "message.send", client_id, group, content, ...(note ? { note } : { seen }), ...points(item) };
}

function fields({ client_id, content, note, seen, ...item }) {
  return { client_id, content, ...(note ? { note: "1" } : { seen }), ...points(item) };
}
