// A link to a page carries no aria-current of its own; the container around it tells which one is shown.
(() => {
  const mark = () => {
    for (const link of document.querySelectorAll('[class*="st-key-to_"] :is(a, button)[aria-current]')) {
      link.removeAttribute("aria-current");
    }
    for (const link of document.querySelectorAll('[class*="st-key-here_"] :is(a, button):not([aria-current])')) {
      link.setAttribute("aria-current", "page");
    }
  };
  // The menu is drawn piece by piece and anew on every page.
  new MutationObserver(mark).observe(document.body, { subtree: true, childList: true, attributeFilter: ["class"] });
  mark();
})();
