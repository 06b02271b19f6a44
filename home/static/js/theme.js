// Runs before the first paint, so that the other theme does not flash.
const root = document.documentElement;
const { suggestions } = document.currentScript.dataset;
const dark = matchMedia("(prefers-color-scheme: dark)");

function remembered() {
  try {
    return localStorage.getItem("theme");
  } catch {
    return null; // storage is switched off: the switch works for this page only
  }
}

function current() {
  return root.dataset.theme || (dark.matches ? "dark" : "light");
}

// The colours of the browser's own bar, for light and for dark paper.
const bars = [...document.querySelectorAll("meta[name=theme-color]")];
const papers = bars.map((bar) => bar.content);

// Sets the theme, or follows the system again when it is null.
function choose(theme) {
  if (theme) root.dataset.theme = theme;
  else delete root.dataset.theme;
  bars.forEach((bar, number) => (bar.content = theme ? papers[theme === "dark" ? 1 : 0] : papers[number]));
}

const theme = remembered();
if (theme === "light" || theme === "dark") choose(theme);

document.addEventListener("DOMContentLoaded", () => {
  const button = document.querySelector(".theme-switch");
  if (!button) return;
  const show = () => button.setAttribute("aria-pressed", String(current() === "dark"));
  show();
  dark.addEventListener("change", show);
  button.addEventListener("click", () => {
    const wanted = current() === "dark" ? "light" : "dark";
    const isSystems = wanted === (dark.matches ? "dark" : "light");
    choose(isSystems ? null : wanted);
    try {
      if (isSystems) localStorage.removeItem("theme");
      else localStorage.setItem("theme", wanted);
    } catch {
      // as above
    }
    show();
  });
});

// Suggestions come when a search field is first used, so that reading waits for none of them.
document.addEventListener(
  "focusin",
  (event) => event.target.matches("input[data-suggest]") && import(suggestions),
);

// The sign / leads to the search, and so does the button of the header where the field is folded.
document.addEventListener(
  "toggle",
  (event) => event.target.id === "find" && event.newState === "open" && event.target.querySelector("input").focus(),
  true,
);
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, textarea, select, [contenteditable]")) return;
  const field = document.querySelector("main input[data-suggest]") ?? document.querySelector("#find input");
  if (!field) return;
  event.preventDefault();
  if (!field.checkVisibility()) document.getElementById("find").showPopover();
  field.focus();
});
