// Runs before the first paint, so that the other theme does not flash.
const root = document.documentElement;
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
