// A view of a map over its picture, on a canvas.

import { enlarge, lay, sureness, without } from "./heat.js"
import { atStep } from "./packet.js"

const WHITE = "#fff"
const CYAN = "rgb(80, 220, 255)"

// Part of the picture that is seen, [left, top, right, bottom] in [0, 1].
function boxOf({ scale, x, y }) {
  const half = 0.5 / scale
  return [x - half, y - half, x + half, y + half]
}

const hottest = (map) => map.values.reduce((most, value) => Math.max(most, map.isDifference ? Math.abs(value) : value), 0)

export function topOf(head, view, map) {
  if (map.isSlice && view.alike === false) return hottest(map) * (map.top || 1)
  if (view.scale === "own" || map.layer === null) return map.top
  return Math.max(...head.maps.filter((each) => each.layer !== null && each.method === map.method).map((each) => each.top))
}

// Draws a map of a run over its picture, of a video over the frame of `view.step`; `memo` keeps what is the same as the
// last time.
export function paint(canvas, head, view, number, memo) {
  const { width, height } = canvas
  const context = canvas.getContext("2d", { willReadFrequently: true })
  const step = view.step ?? 0
  const map = atStep(head.maps[number], step)
  const box = boxOf(view.zoom)
  const of = (name, key, make) => {
    if (memo[name]?.key !== key) memo[name] = { key, made: make() }
    return memo[name].made
  }
  const place = `${width} ${height} ${box}`
  const base = of("base", `${place} ${step}`, () => {
    const picture = head.frames[step]
    const { width: w, height: h } = picture
    context.imageSmoothingQuality = "high"
    context.drawImage(picture, box[0] * w, box[1] * h, (box[2] - box[0]) * w, (box[3] - box[1]) * h, 0, 0, width, height)
    return context.getImageData(0, 0, width, height)
  })
  const image = of("image", `${width} ${height}`, () => new ImageData(width, height))
  image.data.set(base.data)
  if (!view.alone) {
    const smooth = view.cells === "smooth"
    const hidden = view.hide && head.sinks.length && fits(head, map)
    const key = `${place} ${number} ${step} ${smooth} ${hidden}`
    const own = hidden ? without(map, head.sinks) : map.values
    const values = of("values", key, () => enlarge({ ...map, values: own }, width, height, box, smooth))
    // A hidden sink's heat is not the top of the scale; all steps of a video have one.
    const isOwn = view.scale === "own" || map.layer === null
    const top = map.isSlice || !isOwn ? topOf(head, view, map) / (map.top || 1) : hottest({ ...map, values: own })
    const scaled = of("scaled", `${key} ${top}`, () => (top > 0 ? values.map((value) => value / top) : values.map(() => 0)))
    const sure = view.fade && map.errors
      ? of("sure", key, () => enlarge({ ...map, values: sureness(own, map.errors) }, width, height, box, smooth))
      : null
    const raw = view.cells === "raw"
    const shades = map.isDifference ? head.differenceShades : head.shades[view.colormap]
    const how = { opacity: raw ? 1 : view.opacity, threshold: raw ? 0 : view.threshold, even: raw || view.even }
    lay(image.data, scaled, sure, how, shades, map.isDifference)
  }
  context.putImageData(image, 0, 0)
  if (!view.alone) drawMarks(context, head, view, map, box)
}

function fits(head, map) {
  return head.sinkGrid[0] === map.rows && head.sinkGrid[1] === map.columns
}

function drawMarks(context, head, view, map, [left, top, right, bottom]) {
  const { width, height } = context.canvas
  const put = ([x, y]) => [((x - left) / (right - left)) * width, ((y - top) / (bottom - top)) * height]
  const thick = Math.max(1.5, Math.max(width, height) / 400)
  const stroke = (path, colour) => {
    for (const [line, ink] of [[3 * thick, "#000"], [thick, colour]]) {
      context.lineWidth = line
      context.strokeStyle = ink
      context.stroke(path)
    }
  }
  if (view.truth && head.truth.length) {
    const path = new Path2D()
    for (const points of head.truth) {
      points.forEach((point, i) => path[i ? "lineTo" : "moveTo"](...put(point)))
      path.closePath()
    }
    stroke(path, WHITE)
  }
  if (view.sinks && head.sinks.length && fits(head, map)) {
    const path = new Path2D()
    const inside = new Set(head.sinks.map(String))
    for (const [row, column] of head.sinks) {
      const edge = (other, from, to) => {
        if (inside.has(String(other))) return
        path.moveTo(...put([from[1] / map.columns, from[0] / map.rows]))
        path.lineTo(...put([to[1] / map.columns, to[0] / map.rows]))
      }
      edge([row - 1, column], [row, column], [row, column + 1])
      edge([row + 1, column], [row + 1, column], [row + 1, column + 1])
      edge([row, column - 1], [row, column], [row + 1, column])
      edge([row, column + 1], [row, column + 1], [row + 1, column + 1])
    }
    stroke(path, CYAN)
  }
}

// Makes a canvas as sharp as the screen where it is so large on it, as far as so many pixels at most allow.
export function sharpen(canvas, width, height, most) {
  const sharp = Math.min(devicePixelRatio || 1, Math.sqrt(most / (width * height)))
  const size = [Math.max(1, Math.round(width * sharp)), Math.max(1, Math.round(height * sharp))]
  if (canvas.width !== size[0] || canvas.height !== size[1]) [canvas.width, canvas.height] = size
}
