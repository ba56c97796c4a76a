// What messages and unsent items have. Other modules refer to it in comments; no page loads it.

/**
 * A message as the server sends it (docs/protocol.md); an unsent one has no seq.
 * @typedef {object} Message
 * @property {number} [seq]
 * @property {number} [id]
 * @property {string} [group]
 * @property {string} kind "message", "note" or "notice"
 * @property {string} sender
 * @property {string} [sender_name]
 * @property {string} [sender_role]
 * @property {string} [sender_avatar]
 * @property {string} [content]
 * @property {import("../thread/formatted.js").Part[]} [formatted]
 * @property {import("../thread/attachment.js").FileFacts | null} [attachment]
 * @property {Record<string, any> | null} [reply_to] The message that it answers.
 * @property {string[]} [mentions]
 * @property {string} [client_id]
 * @property {string} created_at
 * @property {boolean} [automatic]
 * @property {number} [edited]
 * @property {Record<string, any>} [data] The facts of a notice.
 * @property {Record<string, any>} [current] Of an edit: the text by now.
 */

/**
 * What waits until it is stored: a text, or a file of Uploads.
 * @typedef {object} Item
 * @property {string} client_id
 * @property {string} group
 * @property {string} content
 * @property {number} at When it was written, in milliseconds.
 * @property {string} state "sending" or "failed"
 * @property {string | null} code Why it waits or has failed.
 * @property {boolean} [note]
 * @property {string} [name] Of agents: to whom it is written.
 * @property {number} [seen] Of agents: the seq of the last message that its author knew of.
 * @property {{member: string, name: string}[]} [calls] Of agents: whom it mentions, with their names.
 * @property {object} [introduction] Of a visitor's first message.
 * @property {Record<string, any> | null} [reply_to] The message that it answers.
 * @property {string[]} [mentions]
 * @property {string} [question] The quick question that it chooses.
 * @property {string} [proof] What lets a first message in (proof.js).
 */

export {};
