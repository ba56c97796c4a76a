// Shows where rows have moved to when their order changed: each slides from its old place.

const LENGTH = 150;

const places = (list) => [...list.children].map((row) => [row, row.getBoundingClientRect().top]);

// Call it before the change, and what it returns afterwards.
export function rowMotion(list) {
  if (matchMedia("(prefers-reduced-motion: reduce)").matches) return () => {};
  const before = new Map(places(list));
  return () => {
    for (const [row, top] of places(list)) {
      const by = (before.get(row) ?? top) - top;
      if (Math.abs(by) < 1) continue;
      row.animate([{ transform: `translateY(${by}px)` }, { transform: "none" }], { duration: LENGTH, easing: "ease-out" });
    }
  };
}
