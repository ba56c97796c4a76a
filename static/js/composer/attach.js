// Sends files: the chosen ones are shown in a tray above the text, and are sent with it.

import { box, chip } from "../thread/attachment.js";
import { csrfToken } from "../connection/http.js";
import { stylesheet } from "../shared/styles.js";
import { text } from "../shared/text.js";
import { Tray } from "./tray.js";
import { Uploads } from "../connection/uploads.js";

/**
 * @import { UploadItem } from "../connection/uploads.js"
 */

export class Attach {
  /**
   * @param {object} options
   * @param {HTMLFormElement} options.form
   * @param {import("../thread/thread.js").ThreadView} options.view
   * @param {string} options.group The open conversation.
   * @param {string} options.name The author's name on own messages.
   * @param {() => ({group: string, url: string, fields: Record<string, any>} | null)} options.target
   *   The conversation to send to now.
   * @param {(item: UploadItem, answer: any) => void} options.onStored
   * @param {() => void} [options.onUnauthorised]
   */
  constructor({ form, view, group, name, target, onStored, onUnauthorised = () => {} }) {
    this.view = view;
    this.name = name;
    this.target = target;
    this.onUnauthorised = onUnauthorised;
    this.styles = stylesheet(form.dataset.filesCss);
    this.tray = new Tray({ form, limit: Number(form.dataset.limit), group });
    this.uploads = new Uploads({
      request: upload,
      onChange: (item) => this.changed(item),
      onStored: (item, answer) => onStored(item, answer),
    });
    window.addEventListener("online", () => this.uploads.again());
    // Unlike texts they are lost with the page.
    window.addEventListener("beforeunload", (event) => this.uploads.items.size && event.preventDefault());
  }

  /**
   * @param {File[]} files
   * @param {string} group The conversation for which they were chosen.
   */
  async stage(files, group) {
    const found = await Promise.all(files.map(preview));
    await this.styles;
    this.tray.add(group, found);
  }

  send(note) {
    const target = this.target();
    if (!target) return;
    for (const chosen of this.tray.takeAll(target.group)) {
      this.uploads.add({ ...chosen, ...target, note, content: "" });
    }
    this.uploads.pump();
  }

  use(group) {
    this.tray.use(group);
    for (const item of this.uploads.itemsOf(group)) this.changed(item);
  }

  changed(item) {
    if (item.code === "unauthorised") this.onUnauthorised();
    if (item.group !== this.target()?.group) return;
    this.view.showPending(item, this.name);
    decorate(this.view.pending.get(item.client_id), item);
  }

  act(name, clientId) {
    const item = this.uploads.items.get(clientId);
    if (!item) return false;
    if (name === "retry") this.uploads.retry(clientId);
    if (name === "insist") this.uploads.retry(clientId, { fields: this.target().fields });
    if (name === "cancel") {
      this.uploads.cancel(clientId);
      this.view.dropPending(clientId);
    }
    return true;
  }
}

// A chosen file with its preview: the picture, if this browser can draw it.
async function preview(file) {
  if (!file.type.startsWith("image/")) return { file, canvas: null };
  try {
    const drawn = await createImageBitmap(file);
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = box(drawn.width, drawn.height);
    const scale = Math.max(canvas.width / drawn.width, canvas.height / drawn.height);
    const [width, height] = [drawn.width * scale, drawn.height * scale];
    canvas.getContext("2d").drawImage(drawn, (canvas.width - width) / 2, 0, width, height);
    drawn.close();
    return { file, canvas };
  } catch {
    return { file, canvas: null };
  }
}

/**
 * Completes the bubble of a file that is being sent: its name or picture, the progress, and a
 * button to cancel.
 * @param {HTMLElement} element
 * @param {UploadItem} item
 */
function decorate(element, item) {
  if (!element.querySelector(".upload")) {
    const shown = document.createElement("span");
    shown.className = item.canvas ? "file picture" : "file";
    shown.append(...(item.canvas ? [item.canvas] : chip(item.file.name, item.file.size)));
    if (item.canvas) Object.assign(item.canvas, { role: "img", ariaLabel: item.file.name });
    const line = document.createElement("div");
    line.className = "upload";
    const bar = document.createElement("progress");
    Object.assign(bar, { max: 1, ariaLabel: item.file.name });
    const stop = document.createElement("button");
    Object.assign(stop, { type: "button", textContent: text("cancel") });
    stop.dataset.act = "cancel";
    line.append(bar, stop);
    element.querySelector(".body").before(shown);
    element.querySelector(".body").after(line);
    for (const act of ["edit", "discard"]) element.querySelector(`[data-act="${act}"]`).hidden = true;
  }
  const bar = element.querySelector("progress");
  bar.hidden = item.state === "failed";
  bar.value = item.progress;
  if (["too_large", "bad_kind", "bad_field"].includes(item.code)) element.querySelector('[data-act="retry"]').hidden = true;
}

/**
 * XMLHttpRequest, since fetch reports no progress of an upload.
 * @param {UploadItem} item
 * @param {(part: number) => void} onProgress
 * @returns {{answer: Promise<any>, abort: () => void}}
 */
function upload({ client_id: id, file, note, url, fields, proof }, onProgress) {
  const request = new XMLHttpRequest();
  const form = new FormData();
  for (const [key, value] of Object.entries({ ...fields, client_id: id, ...(note && { note: "1" }), ...(proof && { proof }) })) form.append(key, value);
  form.append("file", file, file.name);
  request.open("POST", url);
  request.responseType = "json";
  request.setRequestHeader("Accept", "application/json");
  request.setRequestHeader("X-CSRFToken", csrfToken());
  request.upload.addEventListener("progress", ({ loaded, total }) => onProgress(loaded / total));
  const answer = new Promise((done, fail) => {
    request.addEventListener("load", () => {
      const { status, response: facts } = request;
      if (status === 200 && facts?.seq) return done(facts);
      // nginx refuses a large body without our error code.
      if (status === 413) return fail({ code: "too_long", facts: { limit: 1, ...facts } });
      if (status === 401 || (status === 200 && !facts)) return fail({ code: "unauthorised" });
      fail({ code: facts?.error, facts: facts ?? {} });
    });
    for (const name of ["error", "abort", "timeout"]) request.addEventListener(name, () => fail({ code: "offline" }));
  });
  request.send(form);
  return { answer, abort: () => request.abort() };
}
