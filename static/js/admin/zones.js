// A field for a time zone: what it is called otherwise becomes its name, and the time there is shown.
// Without this script the server reads the same words, and shows the time of what is stored.

for (const box of document.querySelectorAll(".zone")) {
  const [field, list, shown] = box.children;
  const zones = [...list.options].map(({ value, label }) => ({ name: value, words: `${value} ${label}`.toLowerCase() }));
  const show = (tidy) => {
    const typed = field.value.trim().toLowerCase();
    const found = zones.filter(({ name, words }) => name.toLowerCase() === typed || (tidy && typed && words.includes(typed)));
    const chosen = found.find(({ name }) => name.toLowerCase() === typed) ?? (found.length === 1 ? found[0] : null);
    if (chosen && tidy) field.value = chosen.name;
    if (shown) shown.textContent = chosen ? shown.dataset.words.replace("%s", timeIn(chosen.name)) : tidy && typed ? shown.dataset.none : "";
  };
  field.addEventListener("input", () => show(false));
  field.addEventListener("change", () => show(true));
  // What is chosen hides all others from the list.
  field.addEventListener("focus", () => field.select());
  show(false);
}

function timeIn(timeZone) {
  try {
    return new Intl.DateTimeFormat(document.documentElement.lang, { timeZone, hour: "numeric", minute: "2-digit", hourCycle: "h23" }).format();
  } catch {
    return "–";
  }
}
