// What the page needs of files before there is one: choosing, pasting and dropping load attach.js,
// a click on a picture loads viewer.js. composer.js loads this module when the page is first
// touched.

export class Files {
  // parts: composer and view of the page, and the options of Attach.
  constructor(parts) {
    const { composer, view } = parts;
    const [form, list] = [composer.form, view.list];
    this.parts = { ...parts, form, list };
    this.attach = null;
    this.group = null;
    composer.onFiles = (note) => this.attach?.send(note);
    const input = form.elements.file;
    // Until they are in the tray they stay in the field: a reload finds them there.
    const chosen = async (field) => {
      await this.add([...field.files]);
      field.value = "";
    };
    input.multiple = true;
    form.addEventListener("change", ({ target }) => target.type === "file" && chosen(target));
    for (const field of form.querySelectorAll('[type="file"]')) chosen(field);
    document.addEventListener("paste", (event) => this.pasted(event));
    for (const name of ["dragenter", "dragover", "dragleave", "drop"]) {
      document.addEventListener(name, (event) => this.dragged(event));
    }
    list.addEventListener("click", (event) => this.looked(event));
  }

  // If the clipboard has text too, the text is pasted: a table copied from an office program brings
  // its picture along.
  pasted(event) {
    const { files, types } = event.clipboardData;
    const elsewhere = event.target.closest?.("input, textarea") ?? this.parts.form.elements.content;
    if (!files.length || types.includes("text/plain") || elsewhere !== this.parts.form.elements.content) return;
    event.preventDefault();
    this.add([...files]);
  }

  dragged(event) {
    if (!event.dataTransfer?.types.includes("Files")) return;
    // Otherwise the browser would leave the page for the file.
    event.preventDefault();
    const over = event.type === "dragover" || event.type === "dragenter" || event.relatedTarget !== null;
    this.parts.form.toggleAttribute("data-drop", over && event.type !== "drop");
    if (event.type === "drop") this.add([...event.dataTransfer.files]);
  }

  looked(event) {
    const link = event.target.closest("a.picture");
    if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    import("../thread/viewer.js").then(({ view }) => view(link, this.parts));
  }

  async add(files) {
    const { form, target } = this.parts;
    const to = target();
    if (!files.length || form.inert || !form.offsetParent || !to) return;
    this.group = to.group;
    await this.stage(files, to.group);
  }

  // Puts files into the tray of `group`, also if another conversation is open once the script is
  // there. Without a network they wait for it.
  async stage(files, group) {
    const script = await import("./attach.js").catch(() => null);
    if (!script) {
      await new Promise((done) => window.addEventListener("online", done, { once: true }));
      return this.stage(files, group);
    }
    this.attach ??= new script.Attach({ ...this.parts, group: this.group });
    await this.attach.stage(files, group);
  }

  // Another conversation is open.
  use(group) {
    this.group = group;
    this.attach?.use(group);
  }

  // A push says that a file is stored.
  accepted(clientId) {
    this.attach?.uploads.accepted(clientId);
  }

  // A button below a file that is being sent; returns false if there is none with this id.
  act(name, clientId) {
    return this.attach?.act(name, clientId) ?? false;
  }
}
