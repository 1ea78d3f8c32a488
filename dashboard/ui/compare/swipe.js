// Two pictures of one size, one over the other: a movable edge between them, or both in turn.

const BLINK = 700 // milliseconds each picture is seen

export default function ({ parentElement, data }) {
  const root = parentElement.querySelector(".swipe")
  const [under, over] = root.querySelectorAll("img")
  const edge = root.querySelector(".edge")
  const range = root.querySelector("input")
  const button = root.querySelector("button")
  const frame = root.querySelector(".frame")
  root.style.width = `${data.width}px`
  for (const [image, { picture, name }] of [[under, data.second], [over, data.first]]) {
    if (image.getAttribute("src") !== picture) image.src = picture
    image.alt = `Heat of run ${name}`
  }
  root.querySelector(".left").textContent = data.first.name
  root.querySelector(".right").textContent = data.second.name
  let timer = null

  function draw() {
    over.style.visibility = "visible"
    over.style.clipPath = `inset(0 ${100 - range.value}% 0 0)`
    edge.style.left = `${range.value}%`
    edge.style.display = timer ? "none" : "block"
  }

  function stop() {
    clearInterval(timer)
    timer = null
    button.setAttribute("aria-pressed", "false")
    draw()
  }

  range.oninput = stop
  button.onclick = () => {
    if (timer) return stop()
    let first = true
    timer = setInterval(() => {
      first = !first
      over.style.visibility = first ? "visible" : "hidden"
    }, BLINK)
    button.setAttribute("aria-pressed", "true")
    edge.style.display = "none"
    over.style.clipPath = "none"
  }
  const drag = (event) => {
    const box = frame.getBoundingClientRect()
    range.value = Math.round((100 * (event.clientX - box.left)) / box.width)
    stop()
  }
  frame.onpointerdown = (event) => {
    frame.setPointerCapture(event.pointerId)
    drag(event)
  }
  frame.onpointermove = (event) => event.buttons && drag(event)
  draw()
  return stop
}
