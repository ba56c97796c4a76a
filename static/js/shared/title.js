// The window's title, with the number of unread messages before it: "(3) …".

export class Title {
  constructor(document) {
    this.document = document;
    this.name = document.title.replace(/^\(\d+\+?\) /, "");
    this.count = 0;
  }

  rename(name) {
    this.name = name;
    this.unread(this.count);
  }

  unread(count) {
    this.count = count;
    this.document.title = count > 0 ? `(${count}) ${this.name}` : this.name;
  }
}
