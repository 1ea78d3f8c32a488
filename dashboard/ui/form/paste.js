// Gives pictures that are pasted anywhere on the page to the page's own file uploader, so that a pasted
// picture is checked, limited and shown exactly as an uploaded one. Where the uploader is put away, it is asked for:
// by what is pasted, and by what is dragged over the page to be dropped on it.

// The module's own name for its listeners: drawing the page again must replace them, not add others.
const LISTENER = Symbol.for("smooth-gradcam-paste");
const UPLOADER = '[data-testid="stFileUploaderDropzoneInput"]';
// Milliseconds within which an uploader that was asked for is there.
const PATIENCE = 10_000;

function give(pictures, input) {
  const carried = new DataTransfer();
  pictures.forEach((file) => carried.items.add(file));
  input.files = carried.files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

function giveOnceThere(pictures) {
  const observer = new MutationObserver(() => {
    const input = document.querySelector(UPLOADER);
    if (!input) return;
    observer.disconnect();
    give(pictures, input);
  });
  observer.observe(document.body, { childList: true, subtree: true });
  setTimeout(() => observer.disconnect(), PATIENCE);
}

function onPaste(event, ask) {
  const clipboard = event.clipboardData;
  const pictures = [...(clipboard?.files ?? [])].filter((file) => file.type.startsWith("image/"));
  if (!pictures.length) return;
  // Cells of a spreadsheet come as text with a picture of them: in a text field, the text is meant.
  if (event.target.closest?.("input, textarea") && clipboard.getData("text/plain")) return;
  event.preventDefault();
  const input = document.querySelector(UPLOADER);
  if (input) return give(pictures, input);
  giveOnceThere(pictures);
  ask();
}

function onDrag(event, ask) {
  if (event.dataTransfer?.types.includes("Files") && !document.querySelector(UPLOADER)) ask();
}

export default function ({ setTriggerValue }) {
  const ask = () => setTriggerValue("wanted", true);
  const listeners = { paste: (event) => onPaste(event, ask), dragenter: (event) => onDrag(event, ask) };
  const stop = (old) => Object.entries(old ?? {}).forEach(([kind, hear]) => document.removeEventListener(kind, hear));
  stop(document[LISTENER]);
  document[LISTENER] = listeners;
  Object.entries(listeners).forEach(([kind, hear]) => document.addEventListener(kind, hear));
  return () => stop(listeners);
}
