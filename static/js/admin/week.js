// The week of a team as inputs in place of its text fields, which stay what is sent: each change is
// written into them. A day whose text no input can show keeps its text field.

import { formatHolidays, formatSpans, isOverMidnight, parseHolidays, parseSpans } from "./hours_text.js";

const DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
const MOST = 6;
const USUAL = ["09:00", "18:00"];

const always = document.getElementById("week-always").content.firstElementChild;
const part = (name) => document.getElementById(name).content.firstElementChild.cloneNode(true);

class Day {
  constructor(name, spans) {
    this.field = document.querySelector(`[name=${name}]`);
    this.row = this.field.closest(".form-row");
    this.element = part("week-day");
    this.find(".week-name").textContent = this.row.querySelector("label").textContent.replace(/[:：]\s*$/, "");
    this.element.setAttribute("aria-label", this.find(".week-name").textContent);
    const wrong = this.row.querySelector(".errorlist");
    if (wrong) this.element.append(wrong);
    this.show(spans);
    this.row.before(this.element);
    this.row.hidden = true;
    this.find(".week-add").addEventListener("click", () => this.add(["", ""]).querySelector("input").focus());
    this.find(".week-closed input").addEventListener("change", ({ target }) => {
      this.show(target.checked ? [] : [USUAL]);
      this.write();
    });
  }

  find(selector) {
    return this.element.querySelector(selector);
  }

  get spans() {
    return [...this.element.querySelectorAll(".week-span")].map((span) =>
      [...span.querySelectorAll("input")].map((input) => input.value),
    );
  }

  show(spans) {
    this.find(".week-spans").replaceChildren();
    for (const span of spans) this.add(span);
    this.settle();
  }

  add(span) {
    const element = part("week-span");
    const inputs = element.querySelectorAll("input");
    inputs.forEach((input, place) => {
      input.value = span[place];
      input.addEventListener("input", () => this.write());
    });
    element.querySelector("button").addEventListener("click", () => {
      element.remove();
      this.write();
      this.find(".week-add").focus();
    });
    this.find(".week-spans").append(element);
    this.settle();
    return element;
  }

  // What follows from the spans, beside them.
  settle() {
    const { spans } = this;
    this.find(".week-closed input").checked = !spans.length;
    this.find(".week-add").hidden = !spans.length || spans.length >= MOST;
    this.element.querySelectorAll(".week-span").forEach((span, place) => {
      span.querySelector(".week-next").hidden = !isOverMidnight(spans[place]);
    });
  }

  write() {
    this.settle();
    set(this.field, formatSpans(this.spans));
    sayAlways();
  }
}

// A week without any hours is not one without work.
function sayAlways() {
  always.hidden = document.querySelector(".week-span") !== null;
}

// Writes into a field as its reader would, so that whoever listens to the form hears of it.
function set(field, value) {
  field.value = value;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

function editWeek() {
  const days = DAYS.map((name) => {
    const spans = parseSpans(document.querySelector(`[name=${name}]`).value);
    return spans && new Day(name, spans);
  });
  if (days.every(Boolean)) days[0].element.before(always);
  sayAlways();
  days.forEach((day, place) => {
    if (!day) return;
    const choice = day.find(".week-copy");
    if (!place || !days[0]) choice.querySelector("[value=monday]").remove();
    choice.addEventListener("change", () => {
      const targets = { week: days.slice(0, 5), all: days, monday: [day] }[choice.value] ?? [];
      const { spans } = choice.value === "monday" ? days[0] : day;
      for (const target of targets) {
        target?.show(spans);
        target?.write();
      }
      choice.value = "";
    });
  });
}

function editHolidays() {
  const field = document.querySelector("[name=holidays]");
  const rows = parseHolidays(field.value);
  if (!rows) return;
  const editor = part("holidays-editor");
  const list = editor.querySelector(".holidays");
  const write = () => set(field, formatHolidays([...list.children].map(read)));
  const add = (holiday) => {
    const row = part("holiday");
    const [first, last, name, worked] = row.querySelectorAll("input");
    Object.assign(first, { value: holiday.first });
    Object.assign(last, { value: holiday.last === holiday.first ? "" : holiday.last });
    Object.assign(name, { value: holiday.name });
    Object.assign(worked, { checked: holiday.worked });
    row.addEventListener("input", write);
    row.querySelector("button").addEventListener("click", () => {
      row.remove();
      write();
      editor.querySelector(".holiday-add").focus();
    });
    list.append(row);
    return first;
  };
  rows.forEach(add);
  editor.querySelector(".holiday-add").addEventListener("click", () => {
    add({ first: "", last: "", name: "", worked: false }).focus();
  });
  const label = document.querySelector(`label[for="${field.id}"]`);
  editor.setAttribute("aria-label", label.textContent.replace(/[:：]\s*$/, ""));
  editor.querySelector(".holidays-as-text").addEventListener("click", () => {
    editor.remove();
    reveal(true);
    field.focus();
  });
  const help = document.getElementById(`${field.id}_helptext`);
  const reveal = (shown) => {
    for (const element of [field, help]) if (element) element.hidden = !shown;
  };
  reveal(false);
  field.before(editor);
}

function read(row) {
  const [first, last, name, worked] = row.querySelectorAll("input");
  return { first: first.value, last: last.value, name: name.value, worked: worked.checked };
}

document.querySelector(".hours-as-text")?.setAttribute("hidden", "");
editWeek();
editHolidays();
