import createClient from "openapi-fetch";
import type { paths } from "./kefu.d.ts";

declare const process: { argv: string[] };
const [, , baseUrl, token] = process.argv;
const headers = { Authorization: `Bearer ${token}` };
const api = createClient<paths>({ baseUrl, headers });

const listed = await api.GET("/api/v1/conversations/", { params: { query: { limit: 1 } } });
const group = listed.data!.conversations[0].group;
const body = { content: "It is on its way.", client_id: crypto.randomUUID() };
const path = { group };
const sent = await api.POST("/api/v1/conversations/{group}/messages/", { params: { path }, body });
const history = await api.GET("/api/v1/conversations/{group}/messages/", { params: { path } });
const missing = await api.GET("/api/v1/conversations/{group}/", {
  params: { path: { group: crypto.randomUUID() } },
});
console.log(
  JSON.stringify({
    seq: sent.data!.seq,
    messages: history.data!.messages.map((each) => [each.seq, each.content]),
    error: missing.error!.error,
  }),
);
