// Enhancements of a post, which works without them.

// Copies code, or the address of the page, and confirms it.
for (const button of document.querySelectorAll("[data-copy]")) {
  const label = button.textContent;
  button.addEventListener("click", async () => {
    const text = button.dataset.copy || button.closest("figure").querySelector("code").textContent;
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      return; // the browser forbids it: the text can still be selected by hand
    }
    button.textContent = button.dataset.done;
    setTimeout(() => (button.textContent = label), 2000);
  });
}

// Opens the device's share dialog, if there is one.
for (const button of document.querySelectorAll("[data-share]")) {
  if (!navigator.share) continue;
  button.hidden = false;
  button.addEventListener("click", () => {
    navigator.share({ title: button.dataset.share, url: button.dataset.url }).catch(() => {});
  });
}

// Marks the section that is being read in the contents list, and keeps the mark in sight.
const contents = document.querySelector(".contents");
const sections = [...document.querySelectorAll(".contents a")]
  .map((link) => ({ link, heading: document.getElementById(decodeURIComponent(link.hash.slice(1))) }))
  .filter((section) => section.heading);
if (sections.length) {
  let marked;
  const mark = () => {
    // A little below the place where a heading stands that was come to by its link.
    const line = 80;
    const atEnd = scrollY + innerHeight >= document.documentElement.scrollHeight - 2;
    const begun = sections.filter(({ heading }) => heading.getBoundingClientRect().top <= line);
    const link = (atEnd ? sections : begun).at(-1)?.link;
    if (link === marked) return;
    marked?.removeAttribute("aria-current");
    marked = link;
    if (!marked) return;
    marked.setAttribute("aria-current", "true");
    const place = marked.getBoundingClientRect();
    const list = contents.getBoundingClientRect();
    if (place.top < list.top || place.bottom > list.bottom) {
      contents.scrollTop += place.top - list.top - list.height / 2;
    }
  };
  let waiting = false;
  const wait = () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      mark();
    });
  };
  addEventListener("scroll", wait, { passive: true });
  addEventListener("resize", wait, { passive: true });
  mark();
}

// Shows a note beside its number; without it the number leads to the note below the text.
const notes = document.querySelector(".notes");
if (notes && "popover" in notes) {
  const note = document.createElement("aside");
  note.className = "note";
  note.popover = "auto";
  notes.after(note);
  for (const link of document.querySelectorAll("sup > a[href^='#note-']")) {
    link.addEventListener("click", (event) => {
      const source = document.querySelector(link.hash);
      if (!source || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      const copy = source.cloneNode(true);
      copy.querySelector("a[href$='-reference']")?.remove();
      note.replaceChildren(...copy.childNodes);
      note.setAttribute("aria-label", link.getAttribute("aria-label"));
      note.showPopover({ source: link });
    });
  }
}
