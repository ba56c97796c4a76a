// Beside a form the visitor's first screen shows what is chosen before it is saved. Without this
// script it shows what is stored.

const screen = document.querySelector(".first-screen");
const form = document.querySelector(".form-main > form");
const sheet = document.querySelector(".brand-colours");
const find = (selector) => screen.querySelector(selector);
const field = (name) => form.elements.namedItem(name);

if (screen && form) {
  for (const element of screen.querySelectorAll("[data-shows]")) showText(element);
  for (const element of screen.querySelectorAll("[data-asked]")) showAsked(element);
  if (field("accent")) showColours(field("accent"), field("cover_colour"));
  for (const name of ["logo", "cover"]) if (field(`${name}_file`)) showPicture(name);
  if (field("monday")) showHours(find(".back-at"));
}

// A text has a field in each language; the screen has the one that is written in, or whose tab is open.
function showText(element) {
  const main = field(element.dataset.shows);
  if (!main) return;
  const fields = [...form.querySelectorAll(`[name="${main.name}"], [name^="${main.name}_"][lang]`)];
  const show = ({ value }) => {
    element.textContent = value.trim() || element.dataset.default || "";
  };
  for (const one of fields) one.addEventListener("input", () => show(one));
  form.addEventListener("language", ({ detail }) => {
    const open = fields.find(({ lang }) => lang === detail);
    if (open) show(open.value.trim() ? open : main);
  });
}

function showAsked(element) {
  const choice = field(element.dataset.asked);
  choice?.addEventListener("change", () => {
    element.hidden = choice.value === "0";
    element.textContent = element.dataset.word + (choice.value === "1" ? ` ${find(".ask").dataset.optional}` : "");
  });
}

function showColours(accent, cover) {
  let follows = accent.value === cover.value;
  const show = () => {
    sheet.href = `${sheet.dataset.place}${accent.value.slice(1)}-${cover.value.slice(1)}.css`;
  };
  accent.addEventListener("input", () => {
    if (follows) cover.value = accent.value;
    show();
  });
  cover.addEventListener("input", () => {
    follows = false;
    show();
  });
}

function showPicture(name) {
  const stored = find(`.${name}`).getAttribute("src");
  const [upload, without] = [field(`${name}_file`), field(`without_${name}`)];
  const show = (address) => {
    const picture = find(`.${name}`);
    if (address) picture.src = address;
    picture.hidden = !address;
    if (name === "cover") find(".brand-preview").classList.toggle("pictured", !picture.hidden);
  };
  const changed = () => {
    const [file] = upload.files;
    if (!file) return show(without?.checked ? null : stored);
    const reader = new FileReader();
    reader.onload = () => show(reader.result);
    reader.readAsDataURL(file);
  };
  upload.addEventListener("change", changed);
  without?.addEventListener("change", changed);
}

// What visitors read outside of the hours: the next weekday that has some, from tomorrow on.
function showHours(element) {
  const days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
  const show = () => {
    const today = (new Date().getDay() + 6) % 7;
    const always = days.every((day) => field(day).value === "0:00-24:00");
    const next = !always && [1, 2, 3, 4, 5, 6, 7].map((n) => days[(today + n) % 7]).find((day) => /\d/.test(field(day).value));
    element.hidden = !next;
    if (!next) return;
    const named = form.querySelector(`.field-${next}`).dataset.label ?? next;
    element.textContent = element.dataset.words.replace("%s", `${named} ${field(next).value.match(/\d+(:\d+)?/)[0]}`);
  };
  // The week editor writes into the fields without events of theirs.
  for (const event of ["input", "change", "click"]) form.addEventListener(event, () => setTimeout(show));
  show();
}
