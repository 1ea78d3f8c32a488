// A picture that tells where it is clicked, with a frame around a part of it.

export default function ({ parentElement, data, setTriggerValue }) {
  const picture = parentElement.querySelector("img")
  const frame = parentElement.querySelector(".frame")
  if (picture.getAttribute("src") !== data.src) picture.src = data.src
  picture.alt = data.alt
  const [left, top, width, height] = data.box ?? [0, 0, 0, 0]
  frame.hidden = !data.box
  Object.assign(frame.style, {
    left: `${100 * left}%`,
    top: `${100 * top}%`,
    width: `${100 * width}%`,
    height: `${100 * height}%`,
  })
  picture.onclick = (event) => {
    const bounds = picture.getBoundingClientRect()
    if (!bounds.width || !bounds.height) return
    const x = (event.clientX - bounds.left) / bounds.width
    const y = (event.clientY - bounds.top) / bounds.height
    setTriggerValue("place", { x: Math.min(Math.max(x, 0), 1), y: Math.min(Math.max(y, 0), 1) })
  }
  return () => {
    picture.onclick = null
  }
}
