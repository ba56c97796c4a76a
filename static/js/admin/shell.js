// The navigation is longer than some windows: the open page's entry is in view all the same.

document.querySelector("#tasks [aria-current=page]")?.scrollIntoView({ block: "nearest" });
