// Heat -> pixels: the same interpolation, shades and opacity as core/rendering, to the pixel.

export const SHADES = 1024 // as in core/rendering/overlay.py
export const EDGE = 0.01

// float16 -> numbers; see IEEE 754. NaN stays NaN.
export function halves(bytes) {
  const found = new Float32Array(bytes.length / 2)
  for (let i = 0; i < found.length; i++) {
    const bits = bytes[2 * i] | (bytes[2 * i + 1] << 8)
    const exponent = (bits >> 10) & 31
    const fraction = bits & 1023
    const size =
      exponent === 0 ? fraction * 2 ** -24 : exponent === 31 ? (fraction ? NaN : Infinity) : (1 + fraction / 1024) * 2 ** (exponent - 15)
    found[i] = bits & 32768 ? -size : size
  }
  return found
}

// 256 colours, RGB -> SHADES, with those between them.
export function shadesOf(colours) {
  const found = new Uint8Array(3 * SHADES)
  for (let i = 0; i < SHADES; i++) {
    const at = (i * 255) / (SHADES - 1)
    const first = Math.min(254, Math.floor(at))
    for (let c = 0; c < 3; c++) {
      const here = colours[3 * first + c]
      found[3 * i + c] = Math.round(here + (at - first) * (colours[3 * first + 3 + c] - here))
    }
  }
  return found
}

// Places on an axis of `cells` cells, the whole of it being [0, 1], for the middles of `count` pixels from `begin` to `end`.
function places(cells, begin, end, count) {
  const first = new Int32Array(count)
  const share = new Float32Array(count)
  for (let i = 0; i < count; i++) {
    const at = Math.min(cells - 1, Math.max(0, (begin + ((i + 0.5) * (end - begin)) / count) * cells - 0.5))
    first[i] = Math.min(Math.max(cells - 2, 0), Math.floor(at))
    share[i] = at - first[i]
  }
  return { first, share }
}

function slope(before, after) {
  const product = before * after
  return product > 0 ? (2 * product) / (before + after) : 0
}

// Pieces of cubic curves through `cells` values with the harmonic slopes of core/rendering/interpolation.py: for each of
// the values' `lines`, `count` places. `at(cell, line)` reads; `put(place, line, value)` writes.
function along(cells, lines, { first, share }, values, step, stride, put) {
  const count = first.length
  for (let line = 0; line < lines; line++) {
    const value = (cell) => values[cell * step + line * stride]
    let known = -1
    let y = 0, slope0 = 0, square = 0, cube = 0
    for (let i = 0; i < count; i++) {
      const cell = first[i]
      if (cell !== known) {
        known = cell
        y = value(cell)
        const last = Math.min(cell + 1, cells - 1)
        const rise = value(last) - y
        slope0 = cell > 0 && cell < cells - 1 ? slope(y - value(cell - 1), rise) : 0
        const slope1 = last < cells - 1 && last > 0 ? slope(rise, value(last + 1) - value(last)) : 0
        square = 3 * rise - 2 * slope0 - slope1
        cube = slope0 + slope1 - 2 * rise
      }
      const t = share[i]
      put(i, line, y + t * (slope0 + t * (square + t * cube)))
    }
  }
}

// Values of a map, [rows, columns], on width x height pixels that show the part of the picture `box` = [left, top, right,
// bottom] in [0, 1].
export function enlarge({ values, rows, columns }, width, height, box, smooth) {
  const [left, top, right, bottom] = box
  const found = new Float32Array(width * height)
  if (!smooth) {
    const cell = (count, begin, end, cells) =>
      Int32Array.from({ length: count }, (_, i) =>
        Math.min(cells - 1, Math.floor((begin + (i * (end - begin)) / count) * cells + 1e-9)))
    const across = cell(width, left, right, columns)
    const down = cell(height, top, bottom, rows)
    for (let y = 0, at = 0; y < height; y++)
      for (let x = 0; x < width; x++, at++) found[at] = values[down[y] * columns + across[x]]
    return found
  }
  const wide = new Float32Array(rows * width)
  along(columns, rows, places(columns, left, right, width), values, 1, columns, (x, row, value) => (wide[row * width + x] = value))
  // Row by row of the result, for the memory's sake: the slopes of every column first.
  const slopes = new Float32Array(rows * width)
  for (let row = 1; row < rows - 1; row++)
    for (let x = 0, at = row * width; x < width; x++, at++)
      slopes[at] = slope(wide[at] - wide[at - width], wide[at + width] - wide[at])
  const { first, share } = places(rows, top, bottom, height)
  for (let y = 0, at = 0; y < height; y++) {
    const t = share[y]
    const here = first[y] * width
    const next = Math.min(first[y] + 1, rows - 1) * width
    for (let x = 0; x < width; x++, at++) {
      const value = wide[here + x]
      const rise = wide[next + x] - value
      const s0 = slopes[here + x]
      const s1 = slopes[next + x]
      found[at] = value + t * (s0 + t * (3 * rise - 2 * s0 - s1 + t * (s0 + s1 - 2 * rise)))
    }
  }
  return found
}

// How well each cell is known: see `sureness` in core/rendering/overlay.py.
export function sureness(heat, errors) {
  const tenth = heat.reduce((most, value) => Math.max(most, value), 0) / 10
  return heat.map((value, i) => {
    const floor = Math.max(value, tenth)
    const relative = floor > 0 ? errors[i] / floor : errors[i] === 0 ? 0 : Infinity
    const sure = 1 - 2 * relative
    return Number.isNaN(sure) ? 0 : Math.min(1, Math.max(0, sure))
  })
}

// Lays shades over a picture's pixels (RGBA, changed in place).
//   values: heat over the top of the scale, a pixel each; sure: likewise how well it is known, or null
//   isDifference: whether values lie on both sides of zero, with the middle of the shades at it
export function lay(pixels, values, sure, { opacity, threshold, even }, shades, isDifference = false) {
  const least = isDifference ? -1 : 0
  for (let i = 0, at = 0; i < values.length; i++, at += 4) {
    const value = values[i] < least ? least : values[i] > 1 ? 1 : values[i]
    const amount = value < 0 ? -value : value
    let share = even ? opacity : opacity * amount
    if (sure) share *= sure[i]
    if (threshold > 0) {
      const above = (amount - threshold) / EDGE + 1
      if (above <= 0) continue
      if (above < 1) share *= above
    }
    if (!(share > 0)) continue
    const shade = 3 * Math.floor((SHADES - 1) * (isDifference ? (value + 1) / 2 : value) + 0.5)
    pixels[at] += Math.round(share * (shades[shade] - pixels[at]))
    pixels[at + 1] += Math.round(share * (shades[shade + 1] - pixels[at + 1]))
    pixels[at + 2] += Math.round(share * (shades[shade + 2] - pixels[at + 2]))
  }
}

// A map without the heat of some cells: each takes the mean of the eight around that are none of them; see `without` in
// core/analysis/artefacts.py.
export function without({ values, rows, columns }, cells) {
  const hidden = new Set(cells.map(([row, column]) => row * columns + column))
  const found = Float32Array.from(values)
  let sum = 0
  let count = 0
  values.forEach((value, at) => {
    if (!hidden.has(at)) (sum += value), count++
  })
  for (const at of hidden) {
    const row = Math.floor(at / columns)
    const column = at % columns
    let around = 0
    let known = 0
    for (let y = Math.max(0, row - 1); y <= Math.min(rows - 1, row + 1); y++)
      for (let x = Math.max(0, column - 1); x <= Math.min(columns - 1, column + 1); x++)
        if (!hidden.has(y * columns + x)) (around += values[y * columns + x]), known++
    found[at] = known ? around / known : count ? sum / count : 0
  }
  return found
}
