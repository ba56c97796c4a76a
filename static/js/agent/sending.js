// What an agent writes, on its way: kept until it is known to be stored, and what becomes of it
// when it is refused.

import { Delivery, points } from "../connection/delivery.js";
import { Outbox } from "../connection/outbox.js";

export class Sending {
  // page: the body's data. prefix: of the outbox's keys in `store`. desk, view: where the texts are
  // shown. href(group): the address of its page. onAccepted(answer): one that went without a socket
  // is stored. onUnauthorised(): it needs a login first.
  constructor({ page, store, prefix, connection, fallback, desk, view, href, onAccepted, onUnauthorised }) {
    Object.assign(this, { page, desk, view, onUnauthorised });
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
      onChange: (item) => item.group === desk.group && this.show(item),
    });
  }

  // Whether the text was taken over. extra: what it answers, whom it calls.
  send(content, note, { calls, ...extra }) {
    const { outbox, view } = this;
    const { current: one, loading } = this.desk;
    if (!one || loading) return false;
    const meant = note ? (calls ?? []).filter(({ name }) => content.includes(`@${name}`)) : [];
    const mentions = meant.map(({ member }) => member);
    view.clearFresh();
    this.show(outbox.add({ group: one.group, content, note, seen: one.timeline.last, ...extra, calls: meant, mentions }));
    outbox.flush();
    return true;
  }

  show(item) {
    this.view.showPending(this.outbox.shown(item), this.page.name);
  }

  // What is on its way to a conversation that comes on the desk.
  open(one) {
    for (const item of this.outbox.of(one.group)) {
      if (one.has(item.client_id)) this.outbox.accepted(item.client_id);
      else this.show(item);
    }
  }

  refused(id, code, more) {
    if (code === "unauthorised") this.onUnauthorised();
    const one = this.desk.held.get(this.outbox.items.get(id)?.group);
    // What a colleague wrote meanwhile stands above the own text before it says so.
    // The answer holds the newest of it only: there may be more below.
    for (const message of more.messages ?? []) if (message.seq) one?.posted(message);
    one?.mend();
    this.outbox.refused(id, code, more);
  }

  // A button at a text that was not sent: again, in spite of what a colleague wrote meanwhile,
  // back to `composer`, or away.
  act(name, clientId, composer) {
    const { outbox, view } = this;
    const item = outbox.items.get(clientId);
    if (!item) return;
    if (name === "retry") outbox.retry(clientId);
    if (name === "insist") outbox.retry(clientId, { seen: this.desk.current.timeline.last });
    if (name !== "edit" && name !== "discard") return;
    outbox.forget(clientId);
    view.dropPending(clientId);
    if (name === "edit") composer.take(item.content, item.note, { reply_to: item.reply_to, calls: item.calls });
  }
}

// A note is for colleagues, who may write as many as they like: only a reply tells what was seen.
function frame({ client_id, group, content, note, seen, ...item }) {
  return { type: "message.send", client_id, group, content, ...(note ? { note } : { seen }), ...points(item) };
}

function fields({ client_id, content, note, seen, ...item }) {
  return { client_id, content, ...(note ? { note: "1" } : { seen }), ...points(item) };
}
