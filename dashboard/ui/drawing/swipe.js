// One map over another: a movable edge between them, or both in turn.

import { listening, whenOver } from "./ending.js"

const BLINK = 700 // milliseconds each map is seen

// Lets the edge of `root` follow pointer and slider. Returns what ends the blinking.
export function swipe(root, signal) {
  const [, over] = root.querySelectorAll("canvas")
  const [edge, range, button, frame] = ["edge", "at", "blink", "frame"].map((name) => root.querySelector(`.${name}`))
  const on = listening(signal)
  let timer = 0

  function draw() {
    over.style.visibility = "visible"
    over.style.clipPath = `inset(0 ${100 - range.value}% 0 0)`
    edge.style.left = `${range.value}%`
    edge.style.display = "block"
  }

  function stop() {
    clearInterval(timer)
    timer = 0
    button.setAttribute("aria-pressed", "false")
    draw()
  }

  on(range, "input", stop)
  function blink() {
    let first = true
    timer = setInterval(() => {
      first = !first
      over.style.visibility = first ? "visible" : "hidden"
    }, BLINK)
    button.setAttribute("aria-pressed", "true")
    edge.style.display = "none"
    over.style.clipPath = "none"
  }

  on(button, "click", () => (timer ? stop() : blink()))
  const drag = (event) => {
    const box = frame.getBoundingClientRect()
    range.value = Math.round((100 * (event.clientX - box.left)) / box.width)
    stop()
  }
  on(frame, "pointerdown", (event) => (frame.setPointerCapture(event.pointerId), drag(event)))
  on(frame, "pointermove", (event) => event.buttons && drag(event))
  whenOver(signal, () => clearInterval(timer))
  if (button.getAttribute("aria-pressed") === "true") blink() // as the view before this one did
  else draw()
}
