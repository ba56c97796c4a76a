// A message's file on the page, as templates/chat/_attachment.html has it.

// The longer side of a picture in the thread, and how slim it may be: chat/files/pictures.py reckons the same.
const SIDE = 240;
const SLIMMEST = 0.4;

// Width and height that a picture of this size is shown in.
export function box(width, height) {
  const ratio = Math.min(Math.max(width / height, SLIMMEST), 1 / SLIMMEST);
  const across = Math.min(width, height / SLIMMEST);
  const scale = Math.min(1, SIDE / Math.max(across, across / ratio));
  return [across * scale, (across / ratio) * scale].map((side) => Math.max(1, Math.round(side)));
}

// chat/files/kinds.py writes the same.
export function sizeText(bytes) {
  if (bytes < 1024) return `${bytes}\u00a0B`;
  const [value, unit] = bytes < 1024 ** 2 ? [bytes / 1024, "KB"] : [bytes / 1024 ** 2, "MB"];
  return `${Math.floor(value * 10 + 0.5) / 10}\u00a0${unit}`;
}

export function fileElement(file) {
  const { url, thumbnail, name, size, mime, width, height } = file;
  const link = document.createElement("a");
  link.className = "file";
  link.href = url;
  Object.assign(link.dataset, { name, size, mime, width: width ?? "", height: height ?? "" });
  if (thumbnail) {
    link.classList.add("picture");
    const picture = new Image(...box(width, height));
    Object.assign(picture, { alt: name, src: thumbnail });
    link.append(picture);
  } else {
    link.download = name;
    link.append(...chip(name, size));
  }
  return link;
}

// What stands for a file that is no picture.
export function chip(name, size) {
  const parts = [name.split(".").pop().slice(0, 4).toUpperCase(), name, sizeText(size)];
  return ["kind", "name", "size"].map((part, at) => {
    const span = document.createElement("span");
    span.className = `file-${part}`;
    span.textContent = parts[at];
    if (part === "kind") span.ariaHidden = "true";
    if (part === "name") span.dir = "auto";
    return span;
  });
}

// The facts of a file that stands on the page.
export function readFile(link) {
  if (!link) return null;
  const { name, size, mime, width, height } = link.dataset;
  return {
    url: link.getAttribute("href"),
    thumbnail: link.querySelector("img")?.getAttribute("src") ?? null,
    name,
    size: Number(size),
    mime,
    width: Number(width) || null,
    height: Number(height) || null,
  };
}
