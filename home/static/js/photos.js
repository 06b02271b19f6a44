// Shows the photos of the page one by one, as large as the window: a strip that is swiped.
const box = document.querySelector(".lightbox");
const photos = [...document.querySelectorAll(".photo > a:not(.photo__link), .post__cover > a")];
if (box?.showModal && photos.length) {
  const strip = box.querySelector(".lightbox__strip");
  const place = box.querySelector(".lightbox__place");
  let shown = 0;
  const figures = photos.map((link) => {
    const figure = document.createElement("figure");
    const image = new Image();
    image.alt = link.querySelector("img").alt;
    const caption = link.closest("figure").querySelector("figcaption");
    figure.append(image, ...(caption ? [caption.cloneNode(true)] : []));
    return figure;
  });
  strip.append(...figures);
  box.classList.toggle("lightbox--single", photos.length === 1);
  // The photo, and those beside it so that they are there when they are wanted.
  const load = () => {
    for (const number of [shown, shown + 1, shown - 1]) {
      const image = figures[number]?.querySelector("img");
      if (image && !image.src) image.src = photos[number].href;
    }
    place.textContent = `${shown + 1} / ${photos.length}`;
  };
  const show = (number, behavior = "auto") => {
    shown = (number + photos.length) % photos.length;
    load();
    figures[shown].scrollIntoView({ behavior, block: "nearest", inline: "center" });
  };
  const observer = new IntersectionObserver(
    (entries) => {
      for (const entry of entries) {
        if (!entry.isIntersecting || !box.open) continue;
        shown = figures.indexOf(entry.target);
        load();
      }
    },
    { root: strip, threshold: 0.6 },
  );
  for (const figure of figures) observer.observe(figure);
  photos.forEach((link, number) => {
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      box.showModal();
      show(number, "instant");
    });
  });
  box.addEventListener("click", (event) => {
    const step = event.target.closest("[data-step]");
    if (step) show(shown + Number(step.dataset.step));
    else if (event.target.matches("figure, .lightbox, .lightbox__strip")) box.close();
  });
  box.addEventListener("keydown", (event) => {
    const on = getComputedStyle(box).direction === "rtl" ? "ArrowLeft" : "ArrowRight";
    if (!event.key.startsWith("Arrow") || /Up|Down/.test(event.key)) return;
    event.preventDefault();
    show(shown + (event.key === on ? 1 : -1));
  });
  box.addEventListener("close", () => photos[shown].focus());
}
