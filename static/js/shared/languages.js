// The texts of a card in several languages: one language at a time, chosen in the card's head, where
// those that lack a text which another one has are marked. Without this script all languages stand one below the other.

const words = document.getElementById("language-words")?.dataset;
const form = document.querySelector(".form-main > form, .page > form");

function makeLanguages(card) {
  const parts = [...card.querySelectorAll(".texts > [data-language]")];
  const codes = [...new Set(parts.map(({ dataset }) => dataset.language))];
  if (codes.length < 2 || card.querySelector(".text-languages")) return;
  const group = document.createElement("div");
  group.className = "text-languages";
  group.setAttribute("role", "group");
  group.setAttribute("aria-label", words.languages);
  const buttons = codes.map((code) => {
    const button = document.createElement("button");
    button.type = "button";
    button.lang = code;
    button.append(parts.find(({ dataset }) => dataset.language === code).dataset.name);
    button.addEventListener("click", () => open(code));
    return button;
  });
  group.append(...buttons);
  card.classList.add("in-languages");
  card.prepend(group);

  const fieldsOf = (code) => parts.filter(({ dataset }) => dataset.language === code).map((part) => part.querySelector("input, textarea"));
  const mark = () => {
    const written = codes.map((code) => fieldsOf(code).map((field) => field.value.trim() !== ""));
    for (const [place, mine] of written.entries()) {
      const lacks = mine.some((has, at) => !has && written.some((one) => one[at]));
      buttons[place].classList.toggle("empty", lacks);
      buttons[place].title = lacks ? words.empty : "";
    }
  };
  const open = (code) => {
    for (const part of parts) part.hidden = part.dataset.language !== code;
    for (const [place, one] of codes.entries()) buttons[place].setAttribute("aria-pressed", String(one === code));
    form.dispatchEvent(new CustomEvent("language", { detail: code }));
  };
  card.addEventListener("input", mark);
  mark();
  // What was refused names its language.
  const refused = [...card.querySelectorAll(".errorlist li")].map(({ textContent }) => textContent.trim());
  open(codes.find((_code, place) => refused.some((text) => text.startsWith(`${buttons[place].textContent}:`))) ?? codes[0]);
}

const makeAll = () => {
  const cards = form.matches(".card") ? [form] : form.querySelectorAll(".card.section:not(.rows), .row-card");
  for (const card of cards) makeLanguages(card);
};
if (words && form) {
  makeAll();
  // A card that was added (rows.js) says so.
  form.addEventListener("input", ({ target }) => target === form && makeAll());
}
