// In which order canned replies are offered: first those in the visitor's language, and of these
// first those that the agent has used most in this browser.

const MOST = 300;

// Whether most letters are Chinese; the names of placeholders are no letters of the text.
export function isChinese(words) {
  const letters = words.replace(/\{\w+\}/g, "").match(/\p{L}/gu) ?? [];
  return letters.filter((letter) => /\p{Script=Han}/u.test(letter)).length * 2 > letters.length;
}

export class ReplyOrder {
  // store: what all windows of this browser share. me: the agent's uuid.
  constructor(store, me) {
    this.store = store;
    this.key = `kefu:agent:${me}:replies-used`;
  }

  get used() {
    return this.store.get(this.key) ?? {};
  }

  // language: the visitor's, as "zh-hans"; empty where it is not known.
  sort(replies, language) {
    const { used } = this;
    const fits = ({ content }) => !language || isChinese(content) === language.startsWith("zh");
    const rank = (one) => Number(fits(one)) * 1e9 + (used[one.id] ?? 0);
    return [...replies].sort((one, other) => rank(other) - rank(one));
  }

  // Only the newest few hundred are remembered.
  use({ id }) {
    const { [id]: before = 0, ...others } = this.used;
    const kept = Object.entries(others).slice(1 - MOST);
    this.store.set(this.key, Object.fromEntries([...kept, [id, before + 1]]));
  }
}
