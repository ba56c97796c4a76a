// Beside each colour its value as text, to copy a colour from a style guide. A text that is no colour is
// sent as it is, so that the server refuses it: a picker would send the colour that it had.

const COLOUR = /^#[0-9a-f]{6}$/i;

export function colours(form, words) {
  let typed = null;
  const wrong = (text) => text.getAttribute("aria-invalid") === "true";
  const pairs = [...form.querySelectorAll("input[type=color]")].map((picker) => {
    const text = document.createElement("input");
    text.type = "text";
    text.className = "colour-text";
    text.maxLength = 7;
    text.autocomplete = "off";
    text.spellcheck = false;
    text.setAttribute("aria-label", words.colour);
    // What was refused: a picker cannot hold it.
    text.value = picker.getAttribute("value") || picker.value;
    text.setAttribute("aria-invalid", String(!COLOUR.test(text.value)));
    picker.after(text);
    text.addEventListener("input", () => {
      const value = text.value.startsWith("#") ? text.value : `#${text.value}`;
      const known = COLOUR.test(value);
      text.setAttribute("aria-invalid", String(!known));
      if (!known) return;
      picker.value = value;
      typed = text;
      picker.dispatchEvent(new Event("input", { bubbles: true }));
      typed = null;
    });
    return [picker, text];
  });
  form.addEventListener("formdata", ({ formData }) => {
    for (const [picker, text] of pairs) if (wrong(text)) formData.set(picker.name, text.value);
  });
  // One colour may follow another one (first_screen.js), which tells nobody.
  form.addEventListener("input", ({ target }) => {
    for (const [picker, text] of pairs) {
      if (target === text || typed === text) continue;
      text.value = picker.value;
      text.setAttribute("aria-invalid", "false");
    }
  });
}
