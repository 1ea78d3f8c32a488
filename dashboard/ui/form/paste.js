// Gives pictures that are pasted anywhere on the page to the page's own file uploader, so that a pasted
// picture is checked, limited and shown exactly as an uploaded one.

// The module's own name for its listener: drawing the page again must replace it, not add another one.
const LISTENER = Symbol.for("smooth-gradcam-paste");

function onPaste(event) {
  const clipboard = event.clipboardData;
  const pictures = [...(clipboard?.files ?? [])].filter((file) => file.type.startsWith("image/"));
  const input = document.querySelector('[data-testid="stFileUploaderDropzoneInput"]');
  if (!pictures.length || !input) return;
  // Cells of a spreadsheet come as text with a picture of them: in a text field, the text is meant.
  if (event.target.closest?.("input, textarea") && clipboard.getData("text/plain")) return;
  event.preventDefault();
  const carried = new DataTransfer();
  pictures.forEach((file) => carried.items.add(file));
  input.files = carried.files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

export default function () {
  document.removeEventListener("paste", document[LISTENER]);
  document[LISTENER] = onPaste;
  document.addEventListener("paste", onPaste);
  return () => document.removeEventListener("paste", onPaste);
}
