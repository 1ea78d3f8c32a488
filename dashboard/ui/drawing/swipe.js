// One map over another: a movable edge between them, or both in turn.

const BLINK = 700 // milliseconds each map is seen

// Lets the edge of `root` follow pointer and slider. Returns what ends the blinking.
export function swipe(root, signal) {
  const [, over] = root.querySelectorAll("canvas")
  const [edge, range, button, frame] = ["edge", "at", "blink", "frame"].map((name) => root.querySelector(`.${name}`))
  const on = (element, kind, act) => element.addEventListener(kind, act, { signal })
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
  on(button, "click", () => {
    if (timer) return stop()
    let first = true
    timer = setInterval(() => {
      first = !first
      over.style.visibility = first ? "visible" : "hidden"
    }, BLINK)
    button.setAttribute("aria-pressed", "true")
    edge.style.display = "none"
    over.style.clipPath = "none"
  })
  const drag = (event) => {
    const box = frame.getBoundingClientRect()
    range.value = Math.round((100 * (event.clientX - box.left)) / box.width)
    stop()
  }
  on(frame, "pointerdown", (event) => (frame.setPointerCapture(event.pointerId), drag(event)))
  on(frame, "pointermove", (event) => event.buttons && drag(event))
  on(signal, "abort", () => clearInterval(timer))
  draw()
}
