import json

from .shapes import Checked, Citation

REASONS = {}


def check(content, question, asked):
    got = json.loads(content)
    by = {p.id: p for p in question.passages}
    out, cites = [], []
    for s in got.get("sentences", []):
        ok = [x for x in s["proofs"] if x["id"] in by and x["quote"] in by[x["id"]].text]
        if ok:
            p = by[ok[0]["id"]]
            cites.append(
                Citation(
                    len(cites) + 1,
                    p.article,
                    p.slug,
                    p.lang,
                    p.revision,
                    p.title,
                    p.url,
                    ok[0]["quote"],
                )
            )
            out.append(s["text"] + f"[{len(cites)}]")
    return Checked(
        " ".join(out), tuple(cites), (), got.get("courtesy", ""), bool(got.get("person"))
    )
