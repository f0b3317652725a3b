// Light or dark before anything is drawn: what the person chose here, else what the system asks for.
(() => {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const apply = () => {
    const chosen = localStorage.getItem("onebook-theme") || (system.matches ? "dark" : "light");
    document.documentElement.dataset.bsTheme = chosen;
  };
  apply();
  system.addEventListener("change", apply);
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-theme-switch]")) return;
    const next = document.documentElement.dataset.bsTheme === "dark" ? "light" : "dark";
    localStorage.setItem("onebook-theme", next);
    apply();
  });
})();
