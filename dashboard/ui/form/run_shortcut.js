// Tells the server that Ctrl+Enter, or Cmd+Enter, was pressed in the prompt.

// The module's own name for its listener: drawing the page again must replace it, not add another one.
const LISTENER = Symbol.for("smooth-gradcam-run-shortcut");

export default function ({ data, setTriggerValue }) {
  function onKeyDown(event) {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
    if (!event.target.closest?.(data.field)) return;
    // Afterwards: Streamlit's own listener sends what was typed.
    setTimeout(() => setTriggerValue("pressed", true));
  }
  document.removeEventListener("keydown", document[LISTENER]);
  document[LISTENER] = onKeyDown;
  document.addEventListener("keydown", onKeyDown);
  return () => document.removeEventListener("keydown", onKeyDown);
}
