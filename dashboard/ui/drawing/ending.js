// What a view listens to ends with it, and so does what it has set going. `signal` tells of its end.

// on(element, kind, act): `act` is heard until the view ends, also of what outlives it, such as the window.
export const listening = (signal) => (element, kind, act, options = {}) =>
  element.addEventListener(kind, act, { ...options, signal })

// Runs `act` when the view ends. Not heard by `listening`: what ends with a signal is gone before the signal tells of it.
export function whenOver(signal, act) {
  if (signal.aborted) return act()
  signal.addEventListener("abort", act, { once: true })
}
