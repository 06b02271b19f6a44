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

const theme = remembered();
if (theme === "light" || theme === "dark") root.dataset.theme = theme;

document.addEventListener("DOMContentLoaded", () => {
  const button = document.querySelector(".theme-switch");
  if (!button) return;
  const show = () => button.setAttribute("aria-pressed", String(current() === "dark"));
  show();
  dark.addEventListener("change", show);
  button.addEventListener("click", () => {
    const chosen = current() === "dark" ? "light" : "dark";
    root.dataset.theme = chosen;
    try {
      localStorage.setItem("theme", chosen);
    } catch {
      // as above
    }
    show();
  });
});
