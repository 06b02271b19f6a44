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

// Marks the current section in the contents list.
const links = new Map();
for (const link of document.querySelectorAll(".contents a")) {
  const section = document.getElementById(decodeURIComponent(link.hash.slice(1)));
  if (section) links.set(section, link);
}
if (links.size) {
  const observer = new IntersectionObserver(
    (entries) => {
      for (const entry of entries) {
        if (!entry.isIntersecting) continue;
        for (const link of links.values()) link.removeAttribute("aria-current");
        links.get(entry.target).setAttribute("aria-current", "true");
      }
    },
    { rootMargin: "0px 0px -70% 0px" },
  );
  for (const section of links.keys()) observer.observe(section);
}

// Shows the photos of a gallery one by one, as large as the window.
for (const gallery of document.querySelectorAll(".gallery")) {
  const dialog = gallery.querySelector("dialog");
  const photos = [...gallery.querySelectorAll(".photo a")];
  if (!dialog || !dialog.showModal) continue;
  const image = dialog.querySelector("img");
  const caption = dialog.querySelector(".lightbox__caption");
  let shown = 0;
  const show = (number) => {
    shown = (number + photos.length) % photos.length;
    const link = photos[shown];
    image.src = link.href;
    image.alt = link.querySelector("img").alt;
    caption.textContent = `${shown + 1} / ${photos.length}`;
  };
  photos.forEach((link, number) => {
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      show(number);
      dialog.showModal();
    });
  });
  dialog.addEventListener("click", (event) => {
    const step = event.target.closest("[data-step]");
    if (step) show(shown + Number(step.dataset.step));
    else if (event.target === dialog) dialog.close();
  });
  dialog.addEventListener("keydown", (event) => {
    if (event.key === "ArrowRight") show(shown + 1);
    if (event.key === "ArrowLeft") show(shown - 1);
  });
  dialog.addEventListener("close", () => photos[shown].focus());
}
