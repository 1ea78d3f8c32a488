// Keeps the name that somebody typed, for the next visit from this browser.

const KEY = "smooth-gradcam-name"

export default function ({ data, setTriggerValue }) {
  try {
    if (data.name) localStorage.setItem(KEY, data.name)
    else if (data.name === "") localStorage.removeItem(KEY)
    else {
      const kept = localStorage.getItem(KEY)
      if (kept) setTriggerValue("kept", kept.slice(0, 200))
    }
  } catch {
    // A browser that keeps nothing, as in a private window: the name holds for this page.
  }
}
