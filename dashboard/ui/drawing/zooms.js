// Where several pictures are looked at closely: one place for all of them, or one for each.

import { listening } from "./ending.js"
import { STEP, WHOLE, moved, placeAt, zoomed } from "./zoom.js"

const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }

// Lets wheel, pointer and keys move the pictures behind `glasses`.
//   places: the zoom of each picture, as in `zoom.js`; changed in place
//   shared: whether all move together
//   draw: after a change; point: with (number, position in [0, 1] or null) of a pointer
// Returns what the buttons do: by(factor) for all of them, or whole().
export function zoomTogether(glasses, places, shared, signal, draw, point) {
  function change(number, by) {
    for (const place of shared ? places : [places[number]]) Object.assign(place, by(place))
    draw()
  }

  function position(number, event) {
    const box = glasses[number].getBoundingClientRect()
    return placeAt(places[number], [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height])
  }

  const zoom = (number, factor, at) => change(number, (place) => zoomed(place, factor, at))
  const move = (number, across, down) => change(number, (place) => moved(place, across, down))
  const whole = (number) => change(number, () => WHOLE)

  glasses.forEach((glass, number) => {
    const on = (kind, act) => listening(signal)(glass, kind, act, { passive: false })
    on("wheel", (event) => {
      if (event.deltaY > 0 && places[number].scale === 1) return // the page scrolls on
      event.preventDefault()
      zoom(number, STEP ** -Math.sign(event.deltaY), position(number, event))
      point(number, position(number, event))
    })
    on("pointerdown", (event) => glass.setPointerCapture(event.pointerId))
    on("pointermove", (event) => {
      if (event.buttons) {
        const box = glass.getBoundingClientRect()
        move(number, -event.movementX / box.width, -event.movementY / box.height)
      }
      point(number, position(number, event))
    })
    on("pointerleave", () => glass.isConnected && point(number, null))
    on("dblclick", () => whole(number))
    on("keydown", (event) => {
      const by = KEYS[event.key]
      if (by) move(number, 0.1 * by[0], 0.1 * by[1])
      else if (event.key === "+") zoom(number, STEP)
      else if (event.key === "-") zoom(number, 1 / STEP)
      else if (event.key === "0") whole(number)
      else return
      event.preventDefault()
      event.stopPropagation()
    })
  })
  const each = (act) => () => (shared ? [0] : [...glasses.keys()]).forEach(act)
  return {
    larger: each((number) => zoom(number, STEP ** 2)),
    smaller: each((number) => zoom(number, STEP ** -2)),
    whole: each(whole),
  }
}
