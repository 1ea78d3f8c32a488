// How values are kept within bounds, and how they are written.

export const clamp = (value, least, most) => Math.min(most, Math.max(least, value))
export const digits = (value, count = 3) => (Number.isFinite(value) ? String(Number(value.toPrecision(count))) : "?")

export function fill(words, values) {
  return words.replace(/\{(\w+)\}/g, (_, name) => values[name])
}
