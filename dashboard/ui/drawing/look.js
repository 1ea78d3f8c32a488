// How maps are looked at, as the address names it: what the viewer's address names beside it is in `../viewer/address.js`.

import { clamp } from "./values.js"

export const CELLS = ["smooth", "blocky", "raw"]
export const SCALES = ["own", "common"]

export function lookOf(search, usual, colormaps) {
  const named = new URLSearchParams(search)
  const number = (name, otherwise, most) => {
    const value = named.get(name) ? Number(named.get(name)) : NaN
    return Number.isFinite(value) ? clamp(value, 0, most) : otherwise
  }
  const oneOf = (name, options) => (options.includes(named.get(name)) ? named.get(name) : options[0])
  return {
    opacity: number("opacity", usual.opacity, 1),
    threshold: number("threshold", 0, 95) / 100,
    colormap: oneOf("colormap", [usual.colormap, ...colormaps]),
    cells: oneOf("cells", CELLS),
    scale: oneOf("scale", SCALES),
    even: named.get("veil") === "even",
  }
}

// Puts a name into an address, unless it stands for what is usual.
export function setUnlessUsual(params, name, value, usual) {
  if (value === usual) params.delete(name)
  else params.set(name, value)
}

// Lets the browser's address name a look; `more` puts further names into it.
export function nameLook(look, usual, more = () => {}) {
  const url = new URL(location.href)
  const set = (name, value, otherwise) => setUnlessUsual(url.searchParams, name, value, otherwise)
  set("opacity", Number(look.opacity.toFixed(2)), usual.opacity)
  set("threshold", Math.round(look.threshold * 100), 0)
  set("colormap", look.colormap, usual.colormap)
  set("cells", look.cells, CELLS[0])
  set("scale", look.scale, SCALES[0])
  set("veil", look.even ? "even" : null, null)
  more(url.searchParams)
  if (url.href !== location.href) history.replaceState(history.state, "", url)
}
