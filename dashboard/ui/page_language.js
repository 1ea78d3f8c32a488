// Tells the browser in which language the page is, and says Streamlit's own few words in it: no parameter reaches them.

// Places in which nothing but words of Streamlit's own stands, no text of people.
const PLACES = '[data-testid="stFileUploaderDropzone"], [data-testid="InputInstructions"]';
const HELP = '[data-testid="stTooltipIcon"] [aria-label]';
const NUMBER = /\d+(?:\.\d+)?/;

// What ends it: drawing the page in another language must not leave the former one at work.
const STOP = Symbol.for("smooth-gradcam-page-language");

// What was said in English, by what says it now: for whoever goes back to English.
const former = new Map();

function inOtherWords(text, words) {
  const [number] = text.match(NUMBER) ?? [];
  const said = words[number === undefined ? text : text.replace(number, "{count}")];
  return said?.replace("{count}", number);
}

function sayAll(words) {
  for (const place of document.querySelectorAll(PLACES)) {
    const texts = document.createTreeWalker(place, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) say(texts.currentNode, "nodeValue", inOtherWords(texts.currentNode.nodeValue.trim(), words));
  }
  const begin = words.help?.split("{label}")[0];
  if (begin === undefined) return;
  for (const icon of document.querySelectorAll(HELP)) {
    if (!icon.ariaLabel.startsWith("Help for ")) continue;
    say(icon, "ariaLabel", words.help.replace("{label}", () => icon.ariaLabel.slice("Help for ".length)));
  }
}

function say(node, property, words) {
  if (words === undefined || node[property] === words) return;
  former.set(node, { property, english: node[property], words });
  node[property] = words;
}

function sayNothingMore() {
  for (const [node, { property, english, words }] of former) {
    if (node[property] === words) node[property] = english;
  }
  former.clear();
}

export default function ({ data }) {
  document[STOP]?.();
  delete document[STOP];
  document.documentElement.lang = data.lang;
  if (!Object.keys(data.words).length) return;
  let asked = 0;
  const look = () => {
    asked = 0;
    for (const node of former.keys()) if (!node.isConnected) former.delete(node);
    sayAll(data.words);
  };
  const observer = new MutationObserver(() => (asked ||= requestAnimationFrame(look)));
  observer.observe(document.body, { childList: true, subtree: true, characterData: true });
  look();
  document[STOP] = () => {
    observer.disconnect();
    cancelAnimationFrame(asked);
    sayNothingMore();
  };
  return document[STOP];
}
