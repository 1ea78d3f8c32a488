// Which part of the picture is seen, by wheel, mouse and fingers. A zoom is { scale, x, y }: how many times as large, and
// the middle of what is seen, in [0, 1].

import { clamp } from "./values.js"

const LARGEST = 40
export const STEP = 1.25
export const WHOLE = { scale: 1, x: 0.5, y: 0.5 }

// The nearest zoom that shows nothing beyond the picture.
export function within({ scale, x, y }) {
  const larger = clamp(scale, 1, LARGEST)
  const half = 0.5 / larger
  return { scale: larger, x: clamp(x, half, 1 - half), y: clamp(y, half, 1 - half) }
}

// So many times larger; a place of the picture, in [0, 1], stays where it is.
export function zoomed(zoom, factor, [x, y] = [zoom.x, zoom.y]) {
  const scale = clamp(zoom.scale * factor, 1, LARGEST)
  const share = zoom.scale / scale
  return within({ scale, x: x + (zoom.x - x) * share, y: y + (zoom.y - y) * share })
}

// Further to the right and down, by shares of what is seen.
export function moved({ scale, x, y }, across, down) {
  return within({ scale, x: x + across / scale, y: y + down / scale })
}

// Share of the frame, from its upper left -> place in the picture, and back.
export function placeAt({ scale, x, y }, [across, down]) {
  return [clamp(x + (across - 0.5) / scale, 0, 1), clamp(y + (down - 0.5) / scale, 0, 1)]
}

export function shareOf({ scale, x, y }, [across, down]) {
  return [0.5 + (across - x) * scale, 0.5 + (down - y) * scale]
}

// Lets wheel, mouse and fingers zoom and move what a frame shows, and say where they point at.
//   on: adds a listener, which ends with the view; zoom: what is seen now; look: takes another zoom;
//   point: takes the place that is pointed at, or null
export function followPointers(stage, on, zoom, look, point) {
  const fingers = new Map()
  const shares = (event) => {
    const frame = stage.getBoundingClientRect()
    return [(event.clientX - frame.left) / frame.width, (event.clientY - frame.top) / frame.height]
  }
  const place = (event) => placeAt(zoom(), shares(event))
  on(stage, "wheel", (event) => {
    if (!event.ctrlKey && zoom().scale === 1) return // the page scrolls
    event.preventDefault()
    look(zoomed(zoom(), STEP ** -Math.sign(event.deltaY), place(event)))
  }, { passive: false })
  on(stage, "pointerdown", (event) => {
    fingers.set(event.pointerId, event)
    stage.setPointerCapture(event.pointerId)
    point(place(event))
  })
  on(stage, "pointermove", (event) => {
    const before = fingers.get(event.pointerId)
    if (before && fingers.size === 2) {
      const [one, other] = [...fingers.values()]
      const apart = (a, b) => Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY)
      const still = before === one ? other : one
      look(zoomed(zoom(), apart(event, still) / Math.max(1, apart(before, still)), place(event)))
    } else if (before && zoom().scale > 1) {
      const [from, to] = [shares(before), shares(event)]
      look(moved(zoom(), from[0] - to[0], from[1] - to[1]))
    }
    if (before) fingers.set(event.pointerId, event)
    point(place(event))
  })
  for (const kind of ["pointerup", "pointercancel"]) on(stage, kind, (event) => fingers.delete(event.pointerId))
  // A finger that is lifted leaves, too: what it pointed at stays.
  on(stage, "pointerleave", (event) => event.pointerType !== "touch" && point(null))
  on(stage, "dblclick", () => look(WHOLE))
}
