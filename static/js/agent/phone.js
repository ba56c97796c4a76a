// What the workspace has where a finger is the pointer: a button for the camera, and room beside a
// keyboard on the screen.
//
// The workspace becomes as high as what the keyboard leaves, so that the field to write in stands on
// it and the end of the thread above that. Where the browser makes the page itself smaller (Android,
// by `interactive-widget` in the viewport), only the room is noted.

// Pixels. The bars that a browser shows and hides are lower than a keyboard.
const KEYBOARD = 120;
// Below these heights parts of the page give way while somebody writes (css/workspace/phone.css): the first
// leaves a few lines beside a keyboard, the second is that of a phone that lies on its side.
const LITTLE = 480;
const LEAST = 300;

// label: the button. JPEG and PNG are asked for, since an iPhone then makes one of its HEIC, which few
// other devices show.
export function offerPhoto(label) {
  const field = document.createElement("input");
  Object.assign(field, { type: "file", accept: "image/jpeg,image/png", ariaLabel: label.title });
  field.setAttribute("capture", "environment");
  label.prepend(field);
  label.hidden = false;
}

// root: the element that has the properties of the page.
export function fitWindow(root, screen = window.visualViewport) {
  const fit = () => {
    // Fingers have zoomed in: nothing moves away from what they look at.
    if (!screen || screen.scale > 1.01) return;
    const covered = window.innerHeight - screen.height > KEYBOARD;
    root.toggleAttribute("data-covered", covered);
    root.style.setProperty("--window", covered ? `${screen.height}px` : "");
    root.style.setProperty("--shift", covered ? `${screen.offsetTop}px` : "");
    root.dataset.room = screen.height < LEAST ? "least" : screen.height < LITTLE ? "little" : "";
  };
  for (const name of ["resize", "scroll"]) screen?.addEventListener(name, fit);
  fit();
}
