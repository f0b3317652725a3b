// Shows the OpenAPI documents of all dialects. Everything that could call another host is off; the page's
// Content-Security-Policy forbids it besides.
const place = document.getElementById("reference");

Scalar.createApiReference(place, {
  sources: JSON.parse(place.dataset.sources),
  telemetry: false,
  withDefaultFonts: false,
  proxyUrl: "",
  hideClientButton: true,
  showDeveloperTools: "never",
  agent: { disabled: true },
  mcp: { disabled: true },
  documentDownloadType: "json",
});
