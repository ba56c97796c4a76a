// What the workspace does where a conversation became a part of another one, as its visitor signed in:
// messages have other numbers there. Loaded when it happens.

import { stillPossible } from "./conversation/writing.js";
import { getJson } from "../connection/http.js";

// Leaves `group`, and goes to `into` if it was chosen. Without `into` the server is asked for it where
// something would be left behind: a sync says no more than that the agent sits there no more.
// sought: it was chosen, and could not be loaded. workspace: the WorkspaceController.
export async function merged(workspace, group, into, sought) {
  const { column, conversations, href, navigation, writing } = workspace;
  const { tray, uploads } = writing.aids.files?.attach ?? {};
  const unsent = column.inbox.unsent(group) || tray?.filesOf(group).length || uploads?.itemsOf(group).length;
  if (!into && (group === conversations.group || unsent)) {
    const failure = await getJson(href(group)).catch((error) => error);
    into = failure.facts?.into;
  }
  if (!into) return navigation.leave(group);
  const chosen = conversations.wanted === group || (sought && !conversations.loading);
  column.inbox.remove(group);
  moveDraft(workspace, group, into);
  moveUnsent(workspace, group, into);
  if (chosen) history.replaceState(null, "", column.address(sought ? into : null));
  conversations.drop(group);
  if (chosen) navigation.go(into, !sought);
}

// Adds the draft of `group` to that of `into`, also while one of them is in the field.
export function moveDraft({ writing }, group, into) {
  const { composer, store } = writing;
  const [to, from] = [into, group].map((one) => writing.draftKey(one));
  const inField = [to, from].includes(composer.key);
  // Another window may have moved it, or sent its own.
  if (inField && composer.field.value) composer.keep();
  if (!store.get(from)) return;
  // An edit under way is a text like any other from now on.
  const drafts = [to, from].map((key) => stillPossible(store.get(key), Infinity) ?? {});
  const [kept, { name }] = drafts;
  // Two windows may have had the same.
  const text = [...new Set(drafts.map((one) => one.text))].filter(Boolean).join("\n");
  // What was written for colleagues does not become an answer.
  const note = drafts.some((one) => one.note);
  const calls = drafts.flatMap(({ extra }) => extra?.calls ?? []);
  if (text) store.set(to, { name, ...kept, text, note, extra: { ...kept.extra, calls } });
  if (inField) composer.use(to, composer.name);
  store.remove(from);
}

// Has what is on its way to `group`, or was refused there, go to `into`, with the files that are not
// sent yet.
export function moveUnsent({ href, sending: { outbox }, writing }, group, into) {
  for (const item of outbox.itemsOf(group)) {
    Object.assign(item, { group: into, reply_to: null });
    outbox.keep(item);
    outbox.onChange(item);
  }
  const { tray, uploads } = writing.aids.files?.attach ?? {};
  if (!tray) return;
  tray.chosen.set(into, [into, group].flatMap((one) => tray.filesOf(one)));
  tray.takeAll(group);
  for (const item of uploads.itemsOf(group)) {
    Object.assign(item, { group: into, url: `${href(into)}messages/` });
    if (item.code === "merged") uploads.retry(item.client_id);
    else uploads.onChange(item);
    // Else it would be refused once all of it is there.
    if (uploads.current?.item === item) uploads.current.abort();
  }
}
