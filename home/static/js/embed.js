// Loads embedded content only after the reader has consented.
for (const figure of document.querySelectorAll(".embed")) {
  const consent = figure.querySelector(".embed__consent");
  const template = figure.querySelector("template");
  if (!consent || !template) continue;
  consent.querySelector("button").addEventListener("click", () => {
    const player = template.content.cloneNode(true);
    const frame = player.querySelector("iframe");
    if (frame) {
      frame.title = figure.querySelector("a").textContent;
      frame.tabIndex = 0;
    }
    consent.replaceWith(player);
    frame?.focus();
  });
}
