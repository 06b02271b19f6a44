// A card that is dropped on a day is moved to it, at the same time of day, by the form in the card.
let dragged = null;

for (const card of document.querySelectorAll(".desk-card[draggable]")) {
  card.addEventListener("dragstart", (event) => {
    dragged = card;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", card.textContent.trim());
  });
  card.addEventListener("dragend", () => {
    dragged = null;
  });
}

for (const day of document.querySelectorAll("[data-day]")) {
  day.addEventListener("dragover", (event) => {
    if (!dragged) return;
    event.preventDefault();
    day.classList.add("desk-over");
  });
  day.addEventListener("dragleave", () => day.classList.remove("desk-over"));
  day.addEventListener("drop", (event) => {
    event.preventDefault();
    day.classList.remove("desk-over");
    if (!dragged || day.contains(dragged)) return;
    const field = dragged.querySelector("[name=moment]");
    field.value = `${day.dataset.day}T${field.value.slice(11)}`;
    field.form.requestSubmit();
  });
}
