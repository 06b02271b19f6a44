// Labels elements of Wagtail's admin that have no accessible name.
function name() {
  // A page can have two search forms: that of the menu, and that of its list.
  for (const form of document.querySelectorAll("main form[role=search]:not([aria-label])")) {
    const heading = document.querySelector("main h1, main h2");
    if (heading) form.setAttribute("aria-label", heading.textContent.trim());
  }
  // Rich text and tags are typed into elements that replace the labelled field.
  const parts = "[contenteditable=true]:not([aria-labelledby]), .tagit-new input:not([aria-labelledby])";
  for (const part of document.querySelectorAll(parts)) {
    const field = part.closest(".w-field__input")?.querySelector("input[id]");
    if (!field) continue;
    // A block that consists of one field has only the heading of its panel.
    const label =
      document.querySelector(`label[for="${field.id}"]`) ??
      part.closest(".w-panel")?.querySelector(".w-panel__heading");
    if (!label) continue;
    label.id ||= `${field.id}-label`;
    part.setAttribute("aria-labelledby", label.id);
  }
}

let waiting = false;
new MutationObserver(() => {
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(() => {
    waiting = false;
    name();
  });
}).observe(document.documentElement, { childList: true, subtree: true });
name();
