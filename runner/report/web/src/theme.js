// The button that turns light and dark, beside what the reader's system prefers.
export function setUpTheme(document) {
  const button = document.getElementById("theme");
  if (!button) return;
  const root = document.documentElement;
  const prefersDark = () => window.matchMedia("(prefers-color-scheme: dark)").matches;
  const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : prefersDark());
  const name = () => {
    button.textContent = isDark() ? "Light" : "Dark";
    button.setAttribute("aria-label", isDark() ? "Use light colours" : "Use dark colours");
  };
  button.hidden = false;
  button.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    name();
    document.dispatchEvent(new CustomEvent("themechange"));
  });
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", name);
  name();
}
