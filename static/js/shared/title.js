// The window's title, with the number of unread messages before it: "(3) …"; and a badge with it, where
// the page has one.

export class Title {
  constructor(document, badge = null) {
    this.document = document;
    this.badge = badge;
    this.name = document.title.replace(/^\(\d+\+?\) /, "");
    this.count = 0;
  }

  rename(name) {
    this.name = name;
    this.unread(this.count);
  }

  unread(count) {
    this.count = count;
    if (this.badge) {
      this.badge.hidden = !count;
      this.badge.firstElementChild.textContent = count > 99 ? "99+" : count;
    }
    this.document.title = count > 0 ? `(${count}) ${this.name}` : this.name;
  }
}
