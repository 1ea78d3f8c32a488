// What a cell says.

import { clamp, digits, fill } from "../drawing/values.js"

export function said(head, map, x, y) {
  const column = clamp(Math.floor(x * map.columns), 0, map.columns - 1)
  const row = clamp(Math.floor(y * map.rows), 0, map.rows - 1)
  const value = map.values[row * map.columns + column]
  map.sorted ??= Float32Array.from(map.values).sort()
  let below = 0
  while (below < map.sorted.length && map.sorted[below] < value) below++
  const error = map.errors ? map.errors[row * map.columns + column] * (map.top || 1) : null
  return fill(error === null ? head.words.cell : head.words.cellWithError, {
    row: row + 1,
    column: column + 1,
    value: digits(value * (map.top || 1)),
    error: error === null ? "" : digits(error, 2),
    unit: map.unit,
    rank: Math.floor((100 * below) / map.sorted.length),
  })
}
