// The canned replies at the composer's button: found by a few letters, inserted where the cursor is.
// After a slash suggestions.js offers the same. Loaded when first opened.

import { part } from "./choice_list.js";
import { clone, Picker } from "./picker.js";
import { filledIn, fitting } from "../../composer/suggestions.js";
import { insert } from "../../composer/insert.js";
import { ReplyOrder } from "../../composer/reply_order.js";
import { getJson } from "../../connection/http.js";
import { text } from "../../shared/text.js";

let open = null;

// Opens the list, or closes it. url: where the replies are. names(): the values of {…} in a reply,
// and the visitor's language. field: what one writes in. store, me: for ReplyOrder.
export async function pickReply({ button, url, names, field, store, me }) {
  if (open) return open.close(true);
  await Picker.styles();
  const order = new ReplyOrder(store, me);
  const picker = new Picker(button, {
    name: text("replies"),
    placeholder: text("pick_reply"),
    nothing: text("no_reply"),
    draw: ({ title, content, team, personal }) => {
      const words = part("span", "", { className: "words" });
      words.append(part("b", title, { dir: "auto" }), part("span", content, { className: "help filled", dir: "auto" }));
      return [words, part("span", personal ? text("reply_personal") : (team ?? ""), { className: "help" })];
    },
    onChoose: (reply) => {
      picker.close();
      order.use(reply);
      insert(field, reply.content);
    },
    onClose: () => (open = null),
  });
  open = picker;
  const status = picker.root.querySelector("[role=status]");
  status.textContent = text("loading");
  picker.root.append(clone("#replies-foot"));
  picker.open();
  const answer = await getJson(url).catch(() => null);
  if (!answer) return (status.textContent = text("refused_other"));
  const { language, ...values } = names();
  const replies = order.sort(answer.replies, language).map((one) => ({ ...one, content: filledIn(one.content, values) }));
  picker.onChange = () => picker.list.show([["", fitting(replies, picker.field.value)]]);
  picker.onChange();
}
