// The view of a run's maps, and the address that names it; `address_view.py` reads it in the same way.

import { lookOf, nameLook, setUnlessUsual } from "../drawing/look.js"
import { WHOLE } from "../drawing/zoom.js"

export function viewOf(head, search) {
  const named = new URLSearchParams(search)
  const marks = named.getAll("marks")
  const place = (named.get("zoom") ?? "").split(",").map(Number)
  const isPlace = place.length === 3 && place.every(Number.isFinite)
  return {
    ...lookOf(search, head.usual, Object.keys(head.colours)),
    map: chosenMap(head, named),
    step: /^[1-9]\d{0,4}$/.test(named.get("step") ?? "") ? Number(named.get("step")) - 1 : null,
    alike: named.get("steps") !== "own",
    fade: marks.includes("uncertainty"),
    truth: marks.includes("true-place"),
    sinks: marks.includes("sinks"),
    hide: marks.includes("no-sinks"),
    boxes: !marks.includes("no-boxes"),
    zoom: isPlace ? { scale: place[0], x: place[1], y: place[2] } : WHOLE,
  }
}

// Former addresses said "Combined map (recommended)", or a layer alone, which is one of the run's own method.
function chosenMap({ maps, first }, named) {
  const map = named.get("map") ?? ""
  const layer = named.get("layer")
  const method = map.startsWith("Combined") ? "combined" : maps.some((each) => each.method === map) ? map : null
  const found = maps.findIndex(
    (each) =>
      each.method === (method ?? maps[0].method) && (each.layer === null ? method !== null : String(each.layer) === layer),
  )
  if (found >= 0 && (method || layer !== null)) return found
  if (method) return maps.findIndex((each) => each.method === method)
  return first
}

export function nameView(head, view) {
  const map = head.maps[view.map]
  const isFirst = view.map === head.first
  const { scale, x, y } = view.zoom
  const zoom = scale === 1 ? null : [scale, x, y].map((value) => Number(value.toFixed(3))).join(",")
  nameLook(view, head.usual, (params) => {
    setUnlessUsual(params, "map", isFirst ? null : map.method, null)
    setUnlessUsual(params, "layer", isFirst ? null : map.layer, null)
    setUnlessUsual(params, "step", view.step === null || view.step === head.usualStep ? null : view.step + 1, null)
    setUnlessUsual(params, "steps", view.alike ? null : "own", null)
    setUnlessUsual(params, "zoom", zoom, null)
    params.delete("marks")
    const marks = { uncertainty: view.fade, "true-place": view.truth, sinks: view.sinks, "no-sinks": view.hide, "no-boxes": !view.boxes }
    for (const [name, on] of Object.entries(marks)) if (on) params.append("marks", name)
  })
}
