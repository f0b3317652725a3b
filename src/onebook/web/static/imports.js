// Dropping a file, and how much of it has been sent.
(() => {
  "use strict";
  const zoneOf = (event) => event.target.closest?.("[data-drop]");
  const tell = (form) => {
    const input = form.querySelector("input[type=file]");
    form.querySelector("[data-name]").textContent = input.files.length ? input.files[0].name : "";
  };
  for (const name of ["dragover", "dragenter"]) {
    document.addEventListener(name, (event) => {
      const zone = zoneOf(event);
      if (!zone) return;
      event.preventDefault();
      zone.classList.add("over");
    });
  }
  document.addEventListener("dragleave", (event) => zoneOf(event)?.classList.remove("over"));
  document.addEventListener("drop", (event) => {
    const zone = zoneOf(event);
    if (!zone) return;
    event.preventDefault();
    zone.classList.remove("over");
    const form = zone.closest("form");
    form.querySelector("input[type=file]").files = event.dataTransfer.files;
    tell(form);
  });
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-upload] input[type=file]")) tell(event.target.form);
  });
  document.addEventListener("htmx:xhr:progress", (event) => {
    const bar = document.querySelector("[data-upload] [data-progress]");
    if (!bar || !event.detail.lengthComputable) return;
    bar.hidden = false;
    bar.value = Math.round(event.detail.loaded / event.detail.total * 100);
  });
})();
