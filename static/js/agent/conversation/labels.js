// The labels of the open conversation: its tags, until when it is snoozed, and the bar that says why it
// is in quarantine.

import { tagHue } from "../inbox/inbox_row.js";
import { text } from "../../shared/text.js";
import { full, toMinute } from "../../shared/time.js";

export class Labels {
  // root: the page's body. act(fields): performs the action of a form here. load(): a promise of
  // {tags}. onChoose(href): a tag was chosen, to list the conversations that have it.
  constructor({ root, act, load, onChoose }) {
    Object.assign(this, { load, list: root.querySelector(".tags"), template: root.querySelector("#tag-template") });
    this.snoozed = root.querySelector(".thread-snoozed");
    this.wake = root.querySelector('[data-part="wake"]');
    this.offered = root.querySelector("#tags-in-use");
    const labels = root.querySelector(".labels");
    this.bar = root.querySelector(".quarantine-bar");
    this.head = root.querySelector(".head-actions");
    for (const part of [labels, this.bar]) {
      part.addEventListener("submit", (event) => {
        event.preventDefault();
        act(Object.fromEntries(new FormData(event.target)));
        event.target.reset();
      });
    }
    labels.addEventListener("click", (event) => {
      const link = event.target.closest("a.tag-name");
      if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      onChoose(link.href);
    });
    this.field = labels.querySelector("input[list]");
    this.field.addEventListener("focus", () => this.offer());
  }

  // Reads the labels that the server rendered.
  static adopt(root) {
    const { snoozedUntil, quarantined } = root.querySelector(".conversation").dataset;
    return {
      tags: [...root.querySelectorAll(".tags .tag")].map(({ dataset }) => dataset.tag),
      snoozed_until: snoozedUntil || null,
      quarantined: quarantined || null,
    };
  }

  show({ group, tags = [], snoozed_until: until, quarantined, acts }) {
    this.draw(tags, acts, group === this.group);
    Object.assign(this, { acts, group });
    this.wake.hidden = !until;
    this.snoozed.hidden = !until;
    if (until) this.snoozed.textContent = ` · ${text("snoozed_until", { time: full(toMinute(new Date(until))) })}`;
    this.bar.hidden = !quarantined;
    // No other action is possible until an agent settles it.
    this.head.toggleAttribute("data-quarantined", Boolean(quarantined));
    if (quarantined) this.bar.querySelector(".quarantine-why").textContent = text(`quarantined_${quarantined}`);
  }

  // The focus goes from a tag that was taken off to the one in its place, or to the field of a new one;
  // to none of another conversation.
  draw(tags, acts, same) {
    const shown = [...this.list.children].map(({ dataset }) => dataset.tag);
    if (acts === this.acts && shown.join("\n") === tags.join("\n")) return;
    const held = shown.findIndex((_tag, at) => this.list.children[at].contains(document.activeElement));
    this.list.replaceChildren(...tags.map((tag) => this.chip(tag, acts)));
    if (held < 0 || !same) return;
    const at = tags.includes(shown[held]) ? tags.indexOf(shown[held]) : Math.min(held, tags.length - 1);
    (this.list.children[at]?.querySelector(acts ? "button" : "a") ?? this.field).focus();
  }

  // acts: whether this agent may take it off.
  chip(tag, acts) {
    const chip = this.template.content.firstElementChild.cloneNode(true);
    chip.dataset.tag = tag;
    chip.classList.add(`tag-${tagHue(tag)}`);
    const link = chip.querySelector("a");
    link.textContent = tag;
    link.href = `${link.getAttribute("href")}?${new URLSearchParams({ view: "all", tag })}`;
    chip.querySelector('[name="tag"]').value = tag;
    const button = chip.querySelector("button");
    button.ariaLabel = button.title = text("remove_tag", { tag });
    if (!acts) chip.querySelector("form").remove();
    return chip;
  }

  // Loads the enterprise's tags as suggestions.
  async offer() {
    const { tags } = await this.load().catch(() => ({ tags: [] }));
    this.offered.replaceChildren(...tags.map((tag) => new Option(tag, tag)));
  }
}
