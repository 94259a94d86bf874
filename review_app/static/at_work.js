// What a page at work needs and Streamlit has no option for: its own words in Japanese, focus where one goes
// on, notes that outlive a reload, a word where the connection is lost, and words picked out of the law text.
// Loaded once a document; what it needs to know stands in window.minaoshi (see components/at_work.py).
(() => {
  const given = window.minaoshi;
  if (!given || window.minaoshiAtWork) return;
  window.minaoshiAtWork = true;

  // Streamlit's words
  const patterns = Object.entries(given.patterns).map(([pattern, words]) => [new RegExp(pattern), words]);
  const ATTRIBUTES = ["aria-label", "aria-valuetext", "title", "placeholder", "alt"];

  function inJapanese(text) {
    const trimmed = text.trim();
    if (!/[A-Za-z]/.test(trimmed)) return null;
    if (Object.hasOwn(given.words, trimmed)) return given.words[trimmed];
    const found = patterns.find(([pattern]) => pattern.test(trimmed));
    return found ? trimmed.replace(found[0], found[1]) : null;
  }

  function translate(node) {
    if (node.nodeType === Node.TEXT_NODE) {
      // Law text and what people write stand in our own HTML and in fields, and are nobody's to change.
      if (node.parentElement?.closest("[data-testid=stHtml], textarea, script, style")) return;
      const words = inJapanese(node.data);
      if (words !== null) node.data = words;
      return;
    }
    if (node.nodeType !== Node.ELEMENT_NODE) return;
    for (const name of ATTRIBUTES) {
      const words = node.hasAttribute(name) ? inJapanese(node.getAttribute(name)) : null;
      if (words !== null) node.setAttribute(name, words);
    }
    node.childNodes.forEach(translate);
  }

  // A value typed for the reader, as if by hand: React takes it, and so does the server
  function fill(field, value) {
    const type = field instanceof HTMLTextAreaElement ? HTMLTextAreaElement : HTMLInputElement;
    Object.getOwnPropertyDescriptor(type.prototype, "value").set.call(field, value);
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.dispatchEvent(new FocusEvent("focusout", { bubbles: true }));
  }

  const keyed = (element, prefix) => [...element.classList].find((name) => name.startsWith(`st-key-${prefix}`));

  // Focus: a form that has just opened takes it, and keeps it where React draws its fields once more
  const SETTLING = 2000;
  let opened = new Map();
  function focusWhatOpened() {
    const now = new Map();
    for (const box of document.querySelectorAll('[class*="st-key-focus_"]')) {
      const name = keyed(box, "focus_");
      const since = opened.get(name) ?? performance.now();
      now.set(name, since);
      const isFree = !opened.has(name) || document.activeElement === document.body;
      if (isFree && performance.now() - since < SETTLING) {
        const field = box.querySelector("input:not([type=checkbox]), textarea");
        if (field) field.focus();
        else now.delete(name);
      }
    }
    opened = now;
  }

  // One press is one step: the second click of a double click, or a key held down, would send a message twice or
  // answer the next candidate, which nobody has read. The page has often changed in between: what counts is the same
  // button by its name or, for the mouse, whatever stands in the same place by then. What turns pages may be pressed
  // as fast as one likes.
  const TOO_SOON = 500, SAME_PLACE = 8;
  const TURNING = '.st-key-bottomline, [class*="st-key-pager_"], [data-testid=stNumberInput], [role=application]';
  let pressed = { name: null, at: -TOO_SOON, x: NaN, y: NaN };

  function isSecondPress(button, event) {
    if (button.closest(TURNING)) return false;
    const box = button.closest('[class*="st-key-"]');
    const name = `${box ? keyed(box, "") : ""} ${button.textContent}`;
    const { x, y } = event.detail > 0 ? event : { x: NaN, y: NaN }; // none where the click came from a key
    const isSame = name === pressed.name || Math.hypot(x - pressed.x, y - pressed.y) < SAME_PLACE;
    if (isSame && event.timeStamp - pressed.at < TOO_SOON) return true;
    pressed = { name, at: event.timeStamp, x, y };
    return false;
  }

  document.addEventListener("click", (event) => {
    const button = event.isTrusted && event.target.closest?.("button");
    if (button && isSecondPress(button, event)) {
      event.preventDefault();
      event.stopImmediatePropagation();
    }
  }, true);

  const SHORTCUT = "button:not(:disabled) [data-has-shortcut=true] > [aria-label]:last-child";
  const buttonOf = (key) => [...document.querySelectorAll(SHORTCUT)]
    .find((sign) => sign.textContent.toLowerCase() === key.toLowerCase())?.closest("button");

  window.addEventListener("keydown", (event) => {
    const isTyping = event.target.closest?.("input, textarea, [contenteditable=true], canvas");
    if (isTyping || event.key?.length !== 1) return;
    const button = event.ctrlKey || event.metaKey || event.altKey ? null : buttonOf(event.key);
    if (event.repeat || (button && isSecondPress(button, event))) event.stopImmediatePropagation();
  }, true);

  // Notes not yet sent: kept in this tab alone, for this account alone
  const PREFIX = `minaoshi:${given.account}:`;
  for (const name of Object.keys(sessionStorage)) {
    if (name.startsWith("minaoshi:") && !name.startsWith(PREFIX)) sessionStorage.removeItem(name);
  }
  const restored = new Set();
  let turn = null;

  document.addEventListener("input", (event) => {
    const box = event.target.closest?.('[class*="st-key-kept_"]');
    if (box && event.isTrusted) sessionStorage.setItem(PREFIX + keyed(box, "kept_"), event.target.value);
  });

  function keepNotes() {
    for (const done of document.querySelectorAll("[data-sent]")) {
      if (done.dataset.turn === turn) continue;
      turn = done.dataset.turn;
      for (const name of Object.keys(sessionStorage)) {
        if (name.startsWith(`${PREFIX}st-key-${done.dataset.sent}`)) sessionStorage.removeItem(name);
      }
    }
    for (const box of document.querySelectorAll('[class*="st-key-kept_"]')) {
      const name = keyed(box, "kept_");
      const field = box.querySelector("textarea");
      if (!field || restored.has(name)) continue;
      restored.add(name);
      const kept = sessionStorage.getItem(PREFIX + name);
      if (kept !== null && kept !== field.value) fill(field, kept);
    }
  }

  // The connection
  let waiting = null;
  const notice = document.createElement("div");
  notice.className = "mi-offline";
  notice.setAttribute("role", "alert");
  notice.textContent = given.offline;

  function watchConnection() {
    const state = document.querySelector("[data-testid=stApp]")?.dataset.testConnectionState;
    if (state === undefined || state === "CONNECTED") {
      clearTimeout(waiting);
      waiting = null;
      notice.remove();
    } else if (waiting === null) {
      waiting = setTimeout(() => document.body.append(notice), 1500);
    }
  }

  // Words picked out of the law text, with the mouse or the keyboard
  const ASIDE = ".mi-chip, .mi-number, .mi-here, .mi-address";
  const textBox = () => document.querySelector(".st-key-fulltext");
  const field = () => document.querySelector(".st-key-picked input");
  let picks = 0;

  function wordsOf(range) {
    const copy = range.cloneContents();
    copy.querySelectorAll(ASIDE).forEach((element) => element.remove());
    return copy.textContent.replace(/\s+/g, "");
  }

  function selected() {
    const selection = document.getSelection();
    if (!selection.rangeCount || selection.isCollapsed) return null;
    const range = selection.getRangeAt(0).cloneRange();
    const start = range.startContainer;
    const paragraph = (start.nodeType === Node.TEXT_NODE ? start.parentElement : start)?.closest("[data-version]");
    if (!paragraph || !textBox()?.contains(paragraph)) return null;
    if (!paragraph.contains(range.endContainer)) range.setEndAfter(paragraph.lastChild);
    return { paragraph, words: wordsOf(range) };
  }

  function pick(paragraph, words) {
    const target = field();
    if (!target || !words) return;
    picks += 1; // the same words again are a new choice
    fill(target, `${picks}|${paragraph.dataset.version}|${words}`);
  }

  document.addEventListener("pointerup", (event) => {
    if (!field() || !event.target.closest?.(".st-key-fulltext")) return;
    setTimeout(() => { // the browser settles the selection after the event
      const found = selected();
      if (found) pick(found.paragraph, found.words);
    });
  });

  const paragraphs = () => [...textBox().querySelectorAll("[data-version]")];

  function enter(paragraph) {
    paragraph.tabIndex = -1;
    paragraph.focus();
    paragraph.scrollIntoView({ block: "nearest" });
    const selection = document.getSelection();
    const first = document.createTreeWalker(paragraph, NodeFilter.SHOW_TEXT, (node) =>
      node.parentElement.closest(ASIDE) ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT,
    ).nextNode();
    if (first) selection.collapse(first, 0);
  }

  document.addEventListener("keydown", (event) => {
    if (!event.target.closest?.(".mi-text") || event.ctrlKey || event.metaKey || event.altKey) return;
    const here = event.target.closest("[data-version]");
    const selection = document.getSelection();
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const all = paragraphs();
      // From a heading that was jumped to, the first paragraph is the one below it.
      const below = all.findIndex((one) => event.target.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_FOLLOWING);
      const next = here ? all[all.indexOf(here) + (event.key === "ArrowDown" ? 1 : -1)] : all[Math.max(below, 0)];
      if (next) enter(next);
    } else if (here && (event.key === "ArrowRight" || event.key === "ArrowLeft")) {
      const way = event.key === "ArrowRight" ? "forward" : "backward";
      if (event.shiftKey) {
        selection.modify("extend", way, "character");
      } else { // a caret shows nowhere in a text one cannot write in, so the character beside it is selected
        if (way === "forward") selection.collapse(selection.focusNode, selection.focusOffset);
        else selection.collapseToStart();
        if (way === "backward") selection.modify("move", "backward", "character");
        selection.modify("extend", "forward", "character");
      }
    } else if (here && event.key === "Enter") {
      const found = selected();
      if (found && found.paragraph === here) {
        pick(here, found.words);
      } else {
        const whole = document.createRange();
        whole.selectNodeContents(here);
        pick(here, wordsOf(whole));
      }
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }, true);

  // Places in the text: only the text scrolls, and the keyboard goes on from there
  function show(target) {
    const box = textBox();
    if (box && box.contains(target) && box.scrollHeight > box.clientHeight) {
      box.scrollTop += target.getBoundingClientRect().top - box.getBoundingClientRect().top - 12;
    } else {
      target.scrollIntoView({ block: "center" });
    }
    target.tabIndex = -1;
    target.focus({ preventScroll: true });
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest?.('.mi-contents a[href^="#"]');
    const target = link && document.getElementById(link.getAttribute("href").slice(1));
    if (!target) return;
    event.preventDefault();
    show(target);
  });

  // An address with a place opens there, once the text has come
  let arrived = null;
  function goToPlace() {
    const place = location.hash.slice(1);
    if (!place || arrived === place) return;
    const target = document.getElementById(place);
    if (target) {
      arrived = place;
      show(target);
    }
  }

  let planned = false;
  function look() {
    planned = false;
    keepNotes();
    focusWhatOpened();
    watchConnection();
    goToPlace();
  }

  new MutationObserver((changes) => {
    for (const change of changes) {
      if (change.type === "childList") change.addedNodes.forEach(translate);
      else if (change.type === "characterData") translate(change.target);
      else if (ATTRIBUTES.includes(change.attributeName)) {
        const words = inJapanese(change.target.getAttribute(change.attributeName) ?? "");
        if (words !== null) change.target.setAttribute(change.attributeName, words);
      }
    }
    if (!planned) {
      planned = true;
      requestAnimationFrame(look);
    }
  }).observe(document.body, {
    subtree: true,
    childList: true,
    characterData: true,
    attributes: true,
    attributeFilter: [...ATTRIBUTES, "class", "data-test-connection-state"],
  });
  translate(document.body);
  look();
})();
