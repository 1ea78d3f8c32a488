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
    const cells = map.rows * map.columns
    map.values = numbers.subarray(at, at + cells) // over the map's own top
    map.errors = map.hasErrors ? numbers.subarray(at + cells, at + 2 * cells) : null
    map.sorted = null
    at += (map.hasErrors ? 2 : 1) * cells
  }
  const picture = await createImageBitmap(new Blob([bytes.subarray(end, begin)], { type: "image/jpeg" }))
  const shades = Object.fromEntries(Object.entries(head.colours).map(([name, text]) => [name, coloursOf(text)]))
  return { ...head, picture, shades, differenceShades: coloursOf(head.differenceColours) }
}

function coloursOf(text) {
  return shadesOf(Uint8Array.from(text.match(/../g), (pair) => parseInt(pair, 16)))
}
