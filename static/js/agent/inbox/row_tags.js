// Tags as coloured chips, and in a row how many of them have no room.

const HUES = 8;
const counted = new WeakMap();

// The number of a tag's colour, the same for each spelling; chat/templatetags/inbox_rows.py repeats
// it.
export function tagHue(tag) {
  let sum = 0;
  for (const letter of tag.normalize("NFKC").toLowerCase()) sum += letter.codePointAt(0);
  return sum % HUES;
}

// Shows these tags in `place`, an element of a row.
export function showTags(place, tags) {
  if (place.title === tags.join(" · ") && place.children.length === tags.length) return;
  place.title = tags.join(" · ");
  place.replaceChildren(
    ...tags.map((tag) => {
      const chip = document.createElement("span");
      chip.className = `chip tag-${tagHue(tag)}`;
      chip.dir = "auto";
      chip.textContent = tag;
      return chip;
    }),
  );
}

// Writes behind the tags how many of them have wrapped out of sight. Only rows whose tags or width
// have changed since the last time are measured, all of them before anything is written.
export function countHidden(elements, width) {
  const changed = [];
  for (const element of elements) {
    const place = element.querySelector(".row-tags");
    const state = [width, place.title, place.previousElementSibling.textContent].join();
    if (counted.get(element) === state) continue;
    counted.set(element, state);
    changed.push([element.querySelector(".row-rest"), [...place.children]]);
  }
  const numbers = changed.map(([, chips]) => chips.filter((chip) => chip.offsetTop > chips[0].offsetTop).length);
  changed.forEach(([rest], at) => (rest.textContent = numbers[at] ? `+${numbers[at]}` : ""));
}
