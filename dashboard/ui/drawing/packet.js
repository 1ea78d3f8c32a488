// What a run's maps are sent as: see packet.py. Here they become numbers and a picture again.

import { halves, shadesOf } from "./heat.js"

// A head of JSON behind its length -> it, and where it ends.
function headOf(bytes) {
  const end = 4 + new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true)
  return [JSON.parse(new TextDecoder().decode(bytes.subarray(4, end))), end]
}

// Several packets behind a head of their own -> that head with the packets, still packed.
export function unbound(bytes) {
  let [head, at] = headOf(bytes)
  const packets = head.lengths.map((length) => bytes.subarray(at, (at += length)))
  return { ...head, packets }
}

export async function unpack(bytes) {
  const [head, end] = headOf(bytes)
  const begin = end + head.picture
  const stream = new Blob([bytes.subarray(begin)]).stream().pipeThrough(new DecompressionStream("deflate"))
  const planes = new Uint8Array(await new Response(stream).arrayBuffer())
  const count = planes.length / 2
  const pairs = new Uint8Array(planes.length)
  for (let i = 0; i < count; i++) (pairs[2 * i] = planes[i]), (pairs[2 * i + 1] = planes[count + i])
  const numbers = halves(pairs)
  let at = 0
  for (const map of head.maps) {
    const cells = (map.steps || 1) * map.rows * map.columns
    map.values = numbers.subarray(at, at + cells) // over the map's own top
    map.errors = map.hasErrors ? numbers.subarray(at + cells, at + 2 * cells) : null
    map.sorted = null
    at += (map.hasErrors ? 2 : 1) * cells
  }
  const frames = await Promise.all(framesOf(head, bytes.subarray(end, begin)).map((blob) => createImageBitmap(blob)))
  const shades = Object.fromEntries(Object.entries(head.colours).map(([name, text]) => [name, coloursOf(text)]))
  return { ...head, frames, picture: frames[0], shades, differenceShades: coloursOf(head.differenceColours) }
}

// The picture, or of a video a frame for each step.
function framesOf(head, bytes) {
  let at = 0
  const lengths = head.frames
  return lengths.map((length) => new Blob([bytes.subarray(at, (at += length))], { type: "image/jpeg" }))
}

// A map of a video at one of its steps; that of a picture is what it is.
export function atStep(map, step) {
  if (!map.steps) return map
  const cells = map.rows * map.columns
  const part = (values) => values && values.subarray(step * cells, (step + 1) * cells)
  map.slices ??= []
  return (map.slices[step] ??= { ...map, slices: null, values: part(map.values), errors: part(map.errors), isSlice: true })
}

function coloursOf(text) {
  return shadesOf(Uint8Array.from(text.match(/../g), (pair) => parseInt(pair, 16)))
}
