// The batched Node chat on Kefu's tables: what `bin/bench` compares with, beside the textbook.
//
// One process with ws and mysql2, as somebody would write it who knows what makes a chat fast. What
// waits is stored in one transaction, up to 200 messages at a time, on one connection, while the
// next ones come in. For each message it does the work that Kefu does for it:
//
// - the conversations are locked in the order of their uuids, and their seats read: the sender must
//   have one, the others are those who are told;
// - each message gets the next seq of its conversation, and a row; the conversation gets its three
//   seqs, its last activity and since when its visitor waits; the others' seats get their unread;
// - the sender is answered after the commit, which MariaDB writes to disk as for Kefu;
// - everybody in the conversation is told the message, which is encoded once, and the others their
//   unread, in it and in all; what is for one socket leaves as one frame with a JSON array.
//
// A transaction that fails is tried again in halves, so that one bad message harms its sender only.
// It leaves out what Kefu has beside this: logins (who connects says who they are, so it serves the
// benchmark only), limits, checks of fields, the answer to what is sent twice, resuming, presence,
// the stream of events, bots, notes, targets, metrics, other processes.

import mysql from "mysql2/promise";
import { WebSocketServer } from "ws";

if (process.env.KEFU_BENCH !== "1") {
  throw new Error("this asks nobody for a password; only bin/bench starts it");
}

const MAX_BATCH = 200;
const MAX_WAITING = 5_000;
const MAX_UNSENT = 4 * 1024 * 1024;

const queue = []; // {socket, frame}
const sockets = new Map(); // who: Set of sockets
const totals = new Map(); // who: unread messages in all conversations
const unsent = new Map(); // socket: its events since the last flush, as JSON
let storing = false;

const database = await connect(); // of the transactions
const reader = await connect(); // of those who connect
const server = new WebSocketServer({ host: "127.0.0.1", port: Number(process.argv[2]), perMessageDeflate: false });
server.on("connection", (socket, request) => {
  greet(socket, new URL(request.url, "http://bench").searchParams.get("who")).catch((error) => {
    console.error(error);
    socket.close(1011);
  });
});

async function connect() {
  const connection = await mysql.createConnection({
    uri: process.env.DATABASE_URL,
    charset: "utf8mb4",
    rowsAsArray: true,
  });
  await connection.query("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED");
  return connection;
}

async function greet(socket, who) {
  socket.who = who;
  socket.names = new Map(); // group: what they are called there
  socket.on("message", (data) => receive(socket, data));
  socket.on("close", () => leave(socket));
  const [seats] = await reader.query("SELECT group_id, member_name FROM group_member WHERE member_id = ?", [who]);
  const [[[total]]] = await reader.query("SELECT COALESCE(SUM(unread), 0) FROM chat_group WHERE member_id = ?", [who]);
  socket.names = new Map(seats);
  if (!sockets.has(who)) {
    sockets.set(who, new Set());
    totals.set(who, Number(total));
  }
  sockets.get(who).add(socket);
  socket.send(JSON.stringify([{ type: "hello", groups: [...socket.names.keys()] }]));
}

function leave(socket) {
  const others = sockets.get(socket.who);
  others?.delete(socket);
  if (others?.size === 0) {
    sockets.delete(socket.who);
    totals.delete(socket.who);
  }
}

function receive(socket, data) {
  let frame;
  try {
    frame = JSON.parse(data);
  } catch {
    return socket.close(1007);
  }
  if (frame.type === "ping") {
    socket.send('[{"type":"pong"}]');
  } else if (queue.length >= MAX_WAITING) {
    socket.send(JSON.stringify([refusal(frame, "rate_limited")]));
  } else {
    queue.push({ socket, frame });
    if (!storing) {
      storing = true;
      setImmediate(drain); // What has arrived in the same turn is read before.
    }
  }
}

function refusal(frame, code) {
  return { type: "error", code, client_id: frame.client_id, group: frame.group };
}

async function drain() {
  while (queue.length) {
    await settle(queue.splice(0, MAX_BATCH));
    flush();
  }
  storing = false;
}

async function settle(items) {
  try {
    tell(await store(items));
  } catch (error) {
    await database.query("ROLLBACK");
    if (items.length > 1) {
      const middle = items.length >> 1;
      await settle(items.slice(0, middle));
      await settle(items.slice(middle));
    } else {
      console.error(error);
      push(items[0].socket, JSON.stringify(refusal(items[0].frame, "unavailable")));
    }
  }
}

/* Stores items in one transaction; returns those that were, each with its row and conversation. */
async function store(items) {
  const now = new Date().toISOString();
  await database.query("START TRANSACTION");
  const threads = await lock([...new Set(items.map((item) => item.frame.group))].sort());
  const posted = [];
  for (const item of items) {
    const { socket, frame } = item;
    const thread = threads.get(frame.group);
    if (!thread?.seats.has(socket.who)) {
      push(socket, JSON.stringify(refusal(frame, "not_found")));
      continue;
    }
    thread.seq += 1;
    thread.added += 1;
    thread.asked ||= socket.who === thread.visitor;
    for (const [who, seat] of thread.seats) {
      if (who !== socket.who) {
        seat.unread += 1;
        seat.added += 1;
      }
    }
    posted.push({ ...item, thread, seq: thread.seq, now });
  }
  if (posted.length) {
    await write(posted, [...threads.values()], now.slice(0, 23).replace("T", " "));
  }
  await database.query("COMMIT");
  return posted;
}

async function lock(groups) {
  const [rows] = await database.query(
    "SELECT uuid, id, ent_id, visitor_id, last_seq, waiting_since IS NOT NULL FROM conversation" +
      " WHERE uuid IN (?) ORDER BY uuid FOR UPDATE",
    [groups],
  );
  const threads = new Map(
    rows.map(([group, id, enterprise, visitor, seq, waits]) => [
      group,
      { group, id, enterprise, visitor, seq, waits, added: 0, asked: false, seats: new Map() },
    ]),
  );
  const [seats] = await database.query("SELECT uuid, id, member_id, unread FROM chat_group WHERE uuid IN (?)", [groups]);
  for (const [group, id, who, unread] of seats) {
    threads.get(group)?.seats.set(who, { id, unread, added: 0 });
  }
  return threads;
}

async function write(posted, threads, stamp) {
  const rows = posted.map(({ socket, frame, thread, seq }) => [
    ...[thread.enterprise, socket.who, socket.names.get(thread.group) ?? "", "", thread.group, 1],
    ...[frame.content, stamp, seq, frame.client_id],
  ]);
  const [{ insertId }] = await database.query(
    "INSERT INTO group_message (ent_id, sender, sender_name, sender_avatar, group_id, message_type," +
      " message_content, created_at, seq, client_id) VALUES ?",
    [rows],
  );
  posted.forEach((item, number) => (item.id = insertId + number)); // InnoDB gives them in a row.
  for (const [added, ids] of byIncrement(threads)) {
    // MariaDB assigns from left to right, so the others get the new number.
    await database.query(
      "UPDATE conversation SET last_seq = last_seq + ?, public_seq = last_seq, message_seq = last_seq," +
        " last_activity = ? WHERE id IN (?)",
      [added, stamp, ids],
    );
  }
  const waiting = threads.filter((thread) => thread.asked && !thread.waits).map((thread) => thread.id);
  if (waiting.length) {
    await database.query("UPDATE conversation SET waiting_since = ? WHERE id IN (?)", [stamp, waiting]);
  }
  for (const [added, ids] of byIncrement(threads.flatMap((thread) => [...thread.seats.values()]))) {
    await database.query("UPDATE chat_group SET unread = unread + ? WHERE id IN (?)", [added, ids]);
  }
}

/* The ids of what has grown, by how much it has. */
function byIncrement(things) {
  const found = new Map();
  for (const { id, added } of things) {
    if (!added) {
      continue;
    }
    if (found.has(added)) {
      found.get(added).push(id);
    } else {
      found.set(added, [id]);
    }
  }
  return found;
}

function tell(posted) {
  for (const { socket, frame, seq, id, now } of posted) {
    const { client_id, group } = frame;
    push(socket, JSON.stringify({ type: "message.accepted", client_id, group, seq, id, created_at: now }));
  }
  for (const item of posted) {
    const event = `{"type":"message.posted","message":${JSON.stringify(message(item))},"prev":${item.seq - 1}}`;
    for (const who of item.thread.seats.keys()) {
      pushAll(who, event);
    }
  }
  for (const thread of new Set(posted.map((item) => item.thread))) {
    for (const [who, seat] of thread.seats) {
      if (seat.added && totals.has(who)) {
        totals.set(who, totals.get(who) + seat.added);
        const total = totals.get(who);
        pushAll(who, `{"type":"unread","group":"${thread.group}","unread":${seat.unread},"total":${total}}`);
      }
    }
  }
}

function message({ socket, frame, thread, seq, id, now }) {
  return {
    id,
    group: thread.group,
    seq,
    kind: "message",
    sender: socket.who,
    sender_name: socket.names.get(thread.group) ?? "",
    sender_avatar: "",
    sender_role: socket.who === thread.visitor ? "visitor" : "agent",
    content: frame.content,
    client_id: frame.client_id,
    created_at: now,
    attachment: null,
    data: null,
  };
}

function pushAll(who, event) {
  for (const socket of sockets.get(who) ?? []) {
    push(socket, event);
  }
}

function push(socket, event) {
  const waiting = unsent.get(socket);
  if (waiting) {
    waiting.push(event);
  } else {
    unsent.set(socket, [event]);
  }
}

function flush() {
  for (const [socket, events] of unsent) {
    if (socket.bufferedAmount > MAX_UNSENT) {
      socket.terminate();
    } else {
      socket.send(`[${events.join(",")}]`);
    }
  }
  unsent.clear();
}
