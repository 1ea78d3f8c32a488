// The boxes and points of the answer, as elements over the map: labels stay sharp, and are text.

import { shareOf } from "../drawing/zoom.js"

export function boxesOver(layer, boxes) {
  const frames = boxes.map(({ number, label, corners }) => {
    const frame = document.createElement("div")
    const words = document.createElement("span")
    frame.className = corners.length === 2 ? "frame dot" : "frame"
    words.textContent = label ? `${number} ${label}` : String(number)
    frame.append(words)
    return frame
  })
  layer.replaceChildren(...frames)

  // Where they are in what is seen of the picture.
  function place(view) {
    layer.hidden = !view.boxes || view.alone
    boxes.forEach(({ corners }, at) => {
      const [left, top] = shareOf(view.zoom, corners)
      const style = { left: `${100 * left}%`, top: `${100 * top}%` }
      if (corners.length === 4) {
        const [right, bottom] = shareOf(view.zoom, corners.slice(2))
        style.width = `${100 * (right - left)}%`
        style.height = `${100 * (bottom - top)}%`
      }
      Object.assign(frames[at].style, style)
    })
  }
  return { place }
}
