// Suggests posts, tags, authors and series while somebody types into a search field: a combobox with a
// list box, after https://www.w3.org/WAI/ARIA/apg/patterns/combobox/. Without it the form works.

const DELAY = 120;
const SHORTEST = 2;

class Suggestions {
  constructor(input, address) {
    this.input = input;
    this.address = address;
    this.selected = -1;
    this.options = [];
    this.list = document.createElement("ul");
    this.list.id = `${input.id}-suggestions`;
    this.list.className = "suggestions";
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-label", input.dataset.suggestLabel);
    this.list.hidden = true;
    this.status = document.createElement("span");
    this.status.className = "visually-hidden";
    this.status.setAttribute("role", "status");
    input.setAttribute("role", "combobox");
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-expanded", "false");
    input.setAttribute("aria-controls", this.list.id);
    input.parentElement.append(this.list, this.status);
    input.addEventListener("input", () => this.wait());
    input.addEventListener("keydown", (event) => this.key(event));
    input.addEventListener("blur", () => this.close());
    // Before the field loses the focus, so that the list is still there to be chosen from.
    this.list.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      const option = event.target.closest("[role=option]");
      if (option && event.button === 0) location.assign(option.dataset.url);
    });
  }

  wait() {
    clearTimeout(this.timer);
    this.request?.abort();
    this.timer = setTimeout(() => this.ask(), DELAY);
  }

  async ask() {
    const query = this.input.value.trim();
    if (query.length < SHORTEST) return this.close();
    this.request = new AbortController();
    try {
      const address = `${this.address}?${new URLSearchParams({ q: query })}`;
      const response = await fetch(address, { signal: this.request.signal });
      if (!response.ok) return this.close();
      this.show((await response.json()).suggestions);
    } catch (error) {
      if (error.name !== "AbortError") this.close();
    }
  }

  show(suggestions) {
    this.selected = -1;
    this.input.removeAttribute("aria-activedescendant");
    this.options = suggestions.map(({ kind, label, url }, number) => {
      const option = document.createElement("li");
      option.id = `${this.list.id}-${number}`;
      option.className = "suggestions__option";
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      option.dataset.url = url;
      option.textContent = label;
      const name = this.input.dataset[`suggest${kind[0].toUpperCase()}${kind.slice(1)}`];
      if (name) {
        const small = document.createElement("span");
        small.className = "suggestions__kind";
        small.textContent = ` ${name}`;
        option.append(small);
      }
      return option;
    });
    this.list.replaceChildren(...this.options);
    const open = this.options.length > 0 && document.activeElement === this.input;
    this.list.hidden = !open;
    this.input.setAttribute("aria-expanded", String(open));
    this.status.textContent = open ? `${this.options.length} ${this.input.dataset.suggestCount}` : "";
  }

  close() {
    clearTimeout(this.timer);
    this.request?.abort();
    this.show([]);
  }

  select(number) {
    this.options[this.selected]?.setAttribute("aria-selected", "false");
    this.selected = number;
    const option = this.options[number];
    if (option) {
      option.setAttribute("aria-selected", "true");
      option.scrollIntoView({ block: "nearest" });
      this.input.setAttribute("aria-activedescendant", option.id);
    } else {
      this.input.removeAttribute("aria-activedescendant");
    }
  }

  key(event) {
    if (this.list.hidden || event.isComposing) return;
    const count = this.options.length;
    if (event.key === "ArrowDown") this.select(this.selected + 1 < count ? this.selected + 1 : -1);
    else if (event.key === "ArrowUp") this.select(this.selected < 0 ? count - 1 : this.selected - 1);
    else if (event.key === "Escape") this.close();
    else if (event.key === "Enter" && this.selected >= 0) {
      location.assign(this.options[this.selected].dataset.url);
    } else return;
    event.preventDefault();
  }
}

for (const input of document.querySelectorAll("input[data-suggest]")) {
  const suggestions = new Suggestions(input, input.dataset.suggest);
  // This may have come while somebody was typing.
  if (input === document.activeElement && input.value) suggestions.wait();
}
