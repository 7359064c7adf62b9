// Only while a site is served live: reloads the page when the site has changed, and shows what went wrong.
//
// The server tells a status, not a story: after any interruption the page compares and knows what to do. All text of
// a status is shown as text.
(() => {
  const script = document.currentScript;
  const shown = script.dataset.site;
  const address = new URL("events", script.src);
  const DISMISSED = "iiif-build-dismissed";

  let source;
  let retry;

  function connect() {
    clearTimeout(retry);
    if (source && source.readyState !== EventSource.CLOSED) return;
    source = new EventSource(address);
    source.addEventListener("status", (event) => follow(JSON.parse(event.data)));
    // A browser gives up if something else answers on the port for a while.
    source.addEventListener("error", () => {
      if (source?.readyState === EventSource.CLOSED) retry = setTimeout(connect, 1000);
    });
  }

  // A browser has few connections for one server: pages that nobody sees give theirs back.
  function disconnect() {
    clearTimeout(retry);
    source?.close();
    source = undefined;
  }

  function follow(status) {
    if (status.site && status.site !== shown) {
      disconnect();
      location.reload();
      return;
    }
    tellProgress(status);
    overlay(status);
  }

  function tellProgress({ building, failed }) {
    const place = document.querySelector("[data-iiif-build-progress]");
    if (!place) return;
    if (failed) place.textContent = "The site could not be built yet. It is built again when a file changes.";
    else if (building) place.textContent = building.stage + (building.percent === null ? "" : ` ${building.percent} %`);
  }

  const STYLE = `
    :host { all: initial; color-scheme: light dark; }
    section {
      --back: #fff; --text: #1a1a1a; --soft: #555; --edge: #b3261e;
      position: fixed; z-index: 2147483647; box-sizing: border-box; overflow: auto; overscroll-behavior: contain;
      padding: 1rem 1.25rem; border: 1px solid var(--edge); border-top-width: 6px; border-radius: 6px;
      background: var(--back); color: var(--text); font: 16px/1.5 system-ui, sans-serif; text-align: start;
      box-shadow: 0 4px 32px rgb(0 0 0 / 0.35);
    }
    .failed { inset: auto max(1rem, 50vw - 30rem) 1rem; max-height: 80vh; }
    .partial { inset: auto 1rem 1rem auto; width: min(26rem, 100vw - 2rem); max-height: 40vh; --edge: #8a5a00; }
    .heading { display: flex; gap: 1rem; align-items: start; justify-content: space-between; }
    h2 { margin: 0; font-size: 1.125rem; line-height: 1.5; }
    ul { margin: 0.5rem 0 0; padding: 0; list-style: none; }
    li { margin-top: 0.75rem; overflow-wrap: anywhere; white-space: pre-wrap; }
    p { margin: 0; }
    code { font: 0.875rem/1.5 ui-monospace, monospace; }
    .hint, .rest { color: var(--soft); }
    .rest { margin-top: 0.75rem; font-size: 0.875rem; }
    button {
      flex: none; min-width: 2.75rem; min-height: 2.75rem; padding: 0 0.75rem; border: 1px solid currentcolor;
      border-radius: 4px; background: transparent; color: inherit; font: inherit; cursor: pointer;
    }
    button:focus-visible, section:focus-visible { outline: 3px solid #1a73e8; outline-offset: 2px; }
    @media (prefers-color-scheme: dark) {
      section { --back: #1d1d20; --text: #f2f2f2; --soft: #bdbdbd; --edge: #ff8a80; }
      .partial { --edge: #ffc04d; }
      button:focus-visible, section:focus-visible { outline-color: #8ab4f8; }
    }
    @media print { section { display: none; } }
  `;

  let host;
  let told;
  let dismissible;

  function overlay(status) {
    const { failed, problems, building } = status;
    // While a build runs, what is known of the last one stays.
    if (building) return;
    const key = JSON.stringify([failed, problems]);
    if (key === told) return;
    told = key;
    host?.remove();
    host = undefined;
    if (problems.length === 0) sessionStorage.removeItem(DISMISSED);
    else if (failed || sessionStorage.getItem(DISMISSED) !== key) show(status, key);
  }

  function show({ site, failed, problems, more }, key) {
    host = document.createElement("iiif-build-problems");
    const root = host.attachShadow({ mode: "open" });
    const style = new CSSStyleSheet();
    style.replaceSync(STYLE);
    root.adoptedStyleSheets = [style];
    const panel = element("section", { role: failed ? "alert" : "status", className: failed ? "failed" : "partial" });
    panel.tabIndex = 0;
    root.append(panel);
    document.documentElement.append(host);

    const close = element("button", { type: "button", textContent: "Close" });
    const title = failed ? "The site could not be built" : "Some things could not be built";
    const heading = element("div", { className: "heading" }, element("h2", { textContent: title }), close);
    const rest = more > 0 ? `and ${more} more; ` : "";
    const seen = site ? "You see the last good site." : "There is no site to show yet.";
    const after = failed ? seen : "Everything else is up to date.";
    const last = element("div", { className: "rest", textContent: `${rest}${after}` });
    // Filled when it is there, so that a screen reader says it.
    panel.append(heading, element("ul", {}, ...problems.map(problem)), last);

    const dismiss = () => {
      sessionStorage.setItem(DISMISSED, key);
      host?.remove();
      host = undefined;
    };
    close.addEventListener("click", dismiss);
    dismissible = failed ? dismiss : undefined;
    panel.addEventListener("keydown", (event) => {
      if (event.key === "Escape") dismiss();
    });
  }

  // What covers the page can be closed from anywhere in it, before the page takes the key for itself.
  addEventListener(
    "keydown",
    (event) => {
      if (event.key !== "Escape" || !host || !dismissible) return;
      event.stopPropagation();
      dismissible();
    },
    { capture: true },
  );

  function problem({ place, message, hint }) {
    const item = element("li");
    if (place) item.append(element("p", {}, element("code", { textContent: place })));
    item.append(element("p", { textContent: message }));
    if (hint) item.append(element("p", { className: "hint", textContent: `hint: ${hint}` }));
    return item;
  }

  function element(name, { role, ...properties } = {}, ...children) {
    const made = Object.assign(document.createElement(name), properties);
    if (role) made.setAttribute("role", role);
    made.append(...children);
    return made;
  }

  const matchVisibility = () => (document.visibilityState === "hidden" ? disconnect() : connect());
  document.addEventListener("visibilitychange", matchVisibility);
  addEventListener("pagehide", disconnect);
  addEventListener("pageshow", matchVisibility);
  matchVisibility();
})();
