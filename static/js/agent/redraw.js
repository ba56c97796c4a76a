// Puts nodes in the place of others. One that already stands there stays, with the focus that it may
// have.
export function redraw(place, made, old = [...place.childNodes]) {
  for (const one of old.slice(made.length)) one.remove();
  for (const [at, one] of made.entries()) {
    if (!old[at]) place.append(one);
    else if (!one.isEqualNode(old[at])) old[at].replaceWith(one);
  }
}
