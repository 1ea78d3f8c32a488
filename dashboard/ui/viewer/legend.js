// What the colours stand for, beside the map.

import { SHADES } from "../drawing/heat.js"
import { topOf } from "../drawing/paint.js"
import { digits } from "../drawing/values.js"

export function drawLegend(find, head, view, map) {
  const context = find("scalebar").getContext("2d")
  const shades = head.shades[view.colormap]
  const image = context.createImageData(1, 256)
  for (let i = 0; i < 256; i++) {
    const shade = 3 * Math.round(((255 - i) / 255) * (SHADES - 1))
    image.data.set([shades[shade], shades[shade + 1], shades[shade + 2], 255], 4 * i)
  }
  context.putImageData(image, 0, 0)
  find("highest").textContent = digits(topOf(head, view, map))
  find("unit").textContent = map.unit
}
