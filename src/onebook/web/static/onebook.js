// What the pages do in the browser beyond htmx: menus, the palette, shortcuts, notices, local times, selections.
// Alpine's build without eval runs these components; nothing here holds a rule.
(() => {
  "use strict";
  const $ = (selector, place = document) => place.querySelector(selector);
  const typing = (target) => target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]");

  const open = (dialog) => {
    if (!dialog || dialog.open) return;
    dialog.showModal();
    const input = $("input", dialog);
    if (input) input.select();
  };

  document.addEventListener("alpine:init", () => {
    Alpine.data("shell", () => ({
      menuShown: false,
      toggleMenu() { this.menuShown = !this.menuShown; },
      get menuClasses() { return this.menuShown ? "show" : ""; },
      openPalette() { open($("#palette")); },
      openShortcuts() { open($("#shortcuts")); },
    }));
    Alpine.data("menu", () => ({
      shown: false,
      toggle() { this.shown = !this.shown; },
      close() { this.shown = false; },
      get classes() { return this.shown ? "show" : ""; },
    }));
    Alpine.data("palette", () => ({
      narrow(event) {
        const word = event.target.value.trim().toLowerCase();
        for (const item of this.$root.querySelectorAll("[data-word]")) item.hidden = !item.dataset.word.includes(word);
        mark(this.$root, 0);
      },
      move(event) {
        const items = visible(this.$root);
        const at = items.findIndex((item) => item.classList.contains("marked"));
        if (event.key === "ArrowDown") mark(this.$root, Math.min(at + 1, items.length - 1));
        else if (event.key === "ArrowUp") mark(this.$root, Math.max(at - 1, 0));
        else if (event.key === "Enter" && items.length) items[Math.max(at, 0)].click();
        else if (event.key === "Escape") this.$root.close(); // which a search field would take for emptying it
        else return;
        event.preventDefault();
      },
      settle() {
        mark(this.$root, Math.max(visible(this.$root).findIndex((item) => item.classList.contains("marked")), 0));
      },
    }));
    Alpine.data("selection", () => ({
      chosen: 0,
      said: "",
      get any() { return this.chosen > 0; },
      get number() { return this.said; },
      count(event) {
        const boxes = [...this.$root.querySelectorAll("input[name=number]")];
        const page = $("[data-every]", this.$root);
        const all = $("[data-all-found]", this.$root);
        if (event.target === page) for (const box of boxes) box.checked = page.checked;
        this.chosen = boxes.filter((box) => box.checked).length;
        if (this.chosen === 0) all.checked = false;
        page.checked = boxes.length > 0 && this.chosen === boxes.length;
        page.indeterminate = this.chosen > 0 && this.chosen < boxes.length;
        const words = $("[data-one]", this.$root).dataset;
        this.said = (this.chosen === 1 ? words.one : words.other).replace("#", this.chosen);
      },
    }));
  });

  // --- rows of a form: one more, one less ---

  let rows = 0;
  document.addEventListener("click", (event) => {
    const add = event.target.closest("[data-add]");
    const remove = event.target.closest("[data-remove]");
    if (add) {
      const place = add.closest("[data-rows]");
      const row = $("template", place).content.cloneNode(true);
      const key = `new${rows += 1}`;
      for (const input of row.querySelectorAll("[data-key], [data-primary]")) input.value = key;
      const first = $("input:not([type=hidden])", row);
      $("[data-list]", place).append(row);
      first.focus();
    } else if (remove) {
      const place = remove.closest("[data-rows]");
      remove.closest("[data-row]").remove();
      $("[data-add]", place).focus();
    }
  });

  const visible = (root) => [...root.querySelectorAll(".palette-item")].filter((item) => !item.hidden);
  const mark = (root, at) => {
    const marked = visible(root)[at];
    [...root.querySelectorAll(".palette-item")].forEach((item, index) => {
      item.id = `palette-item-${index}`;
      item.classList.toggle("marked", item === marked);
      item.setAttribute("aria-selected", String(item === marked));
    });
    $("input", root).setAttribute("aria-activedescendant", marked ? marked.id : "");
    if (marked) marked.scrollIntoView({ block: "nearest" });
  };

  // --- shortcuts ---

  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      event.preventDefault();
      open($("#palette"));
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || $("dialog[open]")) return;
    if (event.key === "/") {
      const search = $("#search");
      if (search) { event.preventDefault(); search.focus(); search.select(); }
    } else if (event.key === "?") open($("#shortcuts"));
    else if (event.key === "n") { const link = $("[data-new]"); if (link) link.click(); }
  });

  // --- notices, questions before what cannot be taken back ---

  document.addEventListener("click", (event) => {
    const close = event.target.closest("[data-close-notice]");
    if (close) close.closest("[data-notice]").remove();
    const dialog = event.target.closest("dialog");
    if (dialog && event.target === dialog) dialog.close();
  });
  document.addEventListener("submit", (event) => {
    const question = event.target.dataset.sure;
    if (question && !confirm(question)) event.preventDefault();
  });

  // --- times in the browser's own zone ---

  const zoned = (place) => {
    for (const time of place.querySelectorAll("time[data-local]")) {
      const at = new Date(time.dateTime);
      time.title = time.textContent;
      time.textContent = at.toLocaleString(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });
      time.removeAttribute("data-local");
    }
  };
  document.addEventListener("DOMContentLoaded", () => zoned(document));
  document.addEventListener("htmx:load", (event) => zoned(event.detail.elt));

  // --- what is swapped ---

  document.addEventListener("htmx:beforeRequest", (event) => event.detail.target.setAttribute("aria-busy", "true"));
  document.addEventListener("htmx:afterRequest", (event) => event.detail.target.removeAttribute("aria-busy"));

  // What htmx puts in place of the focused element gets the focus, if it has an element that asks for it.
  document.addEventListener("htmx:afterSettle", (event) => {
    const wanted = event.detail.elt.matches?.("[data-focus]") ? event.detail.elt : $("[data-focus]", event.detail.elt);
    if (wanted && (document.activeElement === document.body || document.activeElement === null)) wanted.focus();
  });
})();
