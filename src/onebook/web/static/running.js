// Copying, and figures that move: the server says how its counters stand, the browser draws how fast they grow.
(() => {
  "use strict";
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
      button.classList.add("btn-success");
    } catch {
      const input = button.parentElement.querySelector("input, pre");
      if (input) getSelection().selectAllChildren(input);
    }
  });

  const STEP_SECONDS = 2;
  const KEPT = 150;
  const RATES = new Set(["requests", "errors", "rows"]);

  const start = (place) => {
    const style = getComputedStyle(document.body);
    const plots = new Map();
    for (const box of place.querySelectorAll("[data-plot]")) {
      const ink = style.color;
      const axis = { stroke: ink, grid: { stroke: "rgb(128 128 128 / 20%)" }, ticks: { show: false } };
      const series = [{}, { stroke: style.getPropertyValue("--tblr-primary") || ink, width: 2, fill: "rgb(66 153 225 / 15%)" }];
      const size = { width: box.clientWidth, height: 180 };
      const scales = { x: { range: (_plot, _low, high) => [(high || 0) - KEPT * STEP_SECONDS, high || 1] }, y: { range: (_plot, _low, high) => [0, Math.max(high || 0, 1)] } };
      plots.set(box.dataset.plot, { data: [[], []], box, plot: new uPlot({ ...size, series, axes: [axis, axis], scales, cursor: { show: false } }, [[], []], box) });
    }
    let before = null;
    const look = async () => {
      const answer = await fetch(place.dataset.figures, { headers: { Accept: "application/json" } });
      if (!answer.ok) return;
      const now = { ...(await answer.json()), at: performance.now() / 1000 };
      for (const [name, one] of plots) {
        const value = !RATES.has(name) ? now[name] : before ? Math.max(now[name] - before[name], 0) / (now.at - before.at) : 0;
        one.data[0].push(Date.now() / 1000);
        one.data[1].push(value);
        if (one.data[0].length > KEPT) { one.data[0].shift(); one.data[1].shift(); }
        one.plot.setData(one.data);
        place.querySelector(`[data-now="${name}"]`).textContent = value.toLocaleString(document.documentElement.lang, { maximumFractionDigits: 1 });
      }
      before = now;
    };
    const again = () => look().catch(() => {}).finally(() => setTimeout(again, STEP_SECONDS * 1000));
    again();
    addEventListener("resize", () => { for (const { plot, box } of plots.values()) plot.setSize({ width: box.clientWidth, height: 180 }); });
  };
  document.addEventListener("DOMContentLoaded", () => document.querySelectorAll("[data-figures]").forEach(start));
})();
