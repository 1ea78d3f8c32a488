// A picture on which a box is drawn or cells are chosen. It gets a picture, numbers and words of ours.

import { clamp, fill } from "../../drawing/values.js"

const QUIET = 600 // milliseconds after the last chosen cell before the server hears of them all
const DRAGGED = 5 // pixels from which a press is a box and no click
const local = new WeakMap() // stage -> cells of which the server has not heard yet

export default function ({ parentElement, data, setTriggerValue }) {
  const stage = parentElement.querySelector(".stage")
  const find = (name) => parentElement.querySelector(`.${name}`)
  const ended = new AbortController()
  const on = (kind, act) => stage.addEventListener(kind, act, { signal: ended.signal })
  const [rows, columns] = data.grid
  const name = ([row, column]) => row * columns + column
  const place = (number) => [Math.floor(number / columns), number % columns]
  const waiting = local.get(stage)
  let cells = waiting ?? new Set(data.cells.map(name))
  let outline = waiting ? [] : data.outline
  let cursor = null // the cell that the keyboard is at
  let start = null
  let timer = 0

  find("picture").src = data.picture
  stage.style.width = `${data.width}px`
  stage.style.aspectRatio = String(data.ratio)
  stage.setAttribute("aria-label", data.words.stage)
  if (waiting) later()
  draw()

  function draw(box = null) {
    const line = box ?? outline
    const path = line.length
      ? `M${line.map((point) => point.join(" ")).join("L")}Z`
      : [...cells].map(place).map(([row, column]) => `M${column / columns} ${row / rows}h${1 / columns}v${1 / rows}h${-1 / columns}z`).join("")
    find("dark").setAttribute("d", path)
    find("light").setAttribute("d", path)
    const at = find("cursor")
    at.style.display = cursor ? "" : "none"
    if (cursor) {
      const values = { x: cursor[1] / columns, y: cursor[0] / rows, width: 1 / columns, height: 1 / rows }
      for (const [key, value] of Object.entries(values)) at.setAttribute(key, value)
    }
    stage.dataset.chosen = line.length ? "region" : String(cells.size)
  }

  function say(at) {
    const [row, column] = at
    const words = cells.has(name(at)) ? data.words.chosen : data.words.cell
    find("where").textContent = fill(words, { row: row + 1, column: column + 1 })
  }

  function tell(chosen) {
    clearTimeout(timer)
    local.delete(stage)
    setTriggerValue("chosen", chosen)
  }

  function later() {
    local.set(stage, cells)
    clearTimeout(timer)
    timer = setTimeout(() => tell({ cells: [...cells].sort((a, b) => a - b).map(place) }), QUIET)
  }

  function toggle(at) {
    outline = []
    cells.has(name(at)) ? cells.delete(name(at)) : cells.add(name(at))
    say(at)
    draw()
    later()
  }

  function spot(event) {
    const { left, top, width, height } = stage.getBoundingClientRect()
    return [clamp((event.clientX - left) / width, 0, 1), clamp((event.clientY - top) / height, 0, 1)]
  }

  const cellAt = ([x, y]) => [Math.min(rows - 1, Math.floor(y * rows)), Math.min(columns - 1, Math.floor(x * columns))]

  // The box between where the press began and where it is now; null where it is still a click.
  function boxTo(event) {
    if (Math.hypot(event.clientX - start.x, event.clientY - start.y) < DRAGGED) return null
    const [[x0, y0], [x1, y1]] = [start.at, spot(event)]
    const [left, right, top, bottom] = [Math.min(x0, x1), Math.max(x0, x1), Math.min(y0, y1), Math.max(y0, y1)]
    return right > left && bottom > top ? [[left, top], [right, top], [right, bottom], [left, bottom]] : null
  }

  on("pointerdown", (event) => {
    if (event.button) return
    stage.setPointerCapture(event.pointerId)
    start = { x: event.clientX, y: event.clientY, at: spot(event) }
  })
  on("pointermove", (event) => {
    cursor = null
    if (start) draw(boxTo(event))
    else say(cellAt(spot(event)))
  })
  on("pointerup", (event) => {
    if (!start) return
    const box = boxTo(event)
    const at = start.at
    start = null
    if (!box) return toggle(cellAt(at))
    outline = box
    cells = new Set()
    draw()
    tell({ corners: [box[0], box[2]] })
  })
  on("pointercancel", () => ((start = null), draw()))
  on("pointerleave", () => (find("where").textContent = ""))
  on("blur", () => ((cursor = null), draw()))
  on("keydown", (event) => {
    const by = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key]
    if (by) {
      cursor = cursor
        ? [clamp(cursor[0] + by[0], 0, rows - 1), clamp(cursor[1] + by[1], 0, columns - 1)]
        : [Math.floor(rows / 2), Math.floor(columns / 2)]
      say(cursor)
      draw()
    } else if ((event.key === " " || event.key === "Enter") && cursor) toggle(cursor)
    else if (event.key === "Escape") {
      cells = new Set()
      outline = []
      draw()
      tell({ cells: [] })
    } else return
    event.preventDefault()
    event.stopPropagation()
  })
  return () => {
    clearTimeout(timer)
    ended.abort()
  }
}
