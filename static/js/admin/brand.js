// The enterprise's settings: the preview shows what is chosen before it is saved. Without this
// script it shows what is stored.

const preview = document.querySelector(".brand-preview");
const sheet = document.querySelector(".brand-colours");
const field = (name) => document.querySelector(`[name=${name}]`);
const find = (selector) => preview.querySelector(selector);
const stored = { logo: find(".logo").getAttribute("src"), cover: find(".cover").getAttribute("src") };
const [accent, cover] = [field("accent"), field("cover_colour")];
let follows = accent.value === cover.value;

function showColours() {
  sheet.href = `${sheet.dataset.place}${accent.value.slice(1)}-${cover.value.slice(1)}.css`;
}

accent.addEventListener("input", () => {
  if (follows) cover.value = accent.value;
  showColours();
});
cover.addEventListener("input", () => {
  follows = false;
  showColours();
});

field("welcome").addEventListener("input", ({ target }) => {
  const words = find(".words");
  words.textContent = target.value.trim() || words.dataset.default;
});

for (const name of ["logo", "cover"]) {
  const [upload, without] = [field(`${name}_file`), field(`without_${name}`)];
  const show = (address) => {
    const picture = find(`.${name}`);
    if (address) picture.src = address;
    picture.hidden = !address;
    if (name === "cover") preview.classList.toggle("pictured", !picture.hidden);
  };
  const changed = () => {
    const [file] = upload.files;
    if (!file) return show(without?.checked ? null : stored[name]);
    const reader = new FileReader();
    reader.onload = () => show(reader.result);
    reader.readAsDataURL(file);
  };
  upload.addEventListener("change", changed);
  without?.addEventListener("change", changed);
}
