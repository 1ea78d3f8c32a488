// The viewer: everything that changes how a run's maps are looked at happens here, without a message to the server.
// What of people's text it gets, the labels of boxes, is set with textContent, as every text is.

import { nameView, viewOf } from "./address.js"
import { boxesOver } from "./boxes.js"
import { said } from "./cells.js"
import { label } from "./labels.js"
import { drawLegend } from "./legend.js"
import { tilesOf } from "./tiles.js"
import { timeOf } from "./time.js"
import { listening, whenOver } from "../drawing/ending.js"
import { atStep, unpack } from "../drawing/packet.js"
import { paint, sharpen } from "../drawing/paint.js"
import { clamp, fill } from "../drawing/values.js"
import { STEP, WHOLE, followPointers, moved, shareOf, zoomed } from "../drawing/zoom.js"

const PACE = 400 // milliseconds a layer is shown in a film
const PIXELS = 1.2e6 // of the canvas at most: each is worked out anew when something moves
const LEAST = 240 // height of the map in a low window
const BELOW = 36 // of the window, kept for the sentence below the map
const QUIET = 150 // milliseconds without a change after which the address names the view
const nameOf = (map) => map.name
const kept = new WeakMap() // root -> what the one before has unpacked, and how it was looked at


export default function ({ parentElement, data, setTriggerValue }) {
  const root = parentElement.querySelector(".viewer")
  const known = kept.get(root)
  const ended = new AbortController()
  const same = known && known.bytes.length === data.length && known.bytes.every((byte, i) => byte === data[i])
  // More of the same maps, as they grow: only their numbers are others.
  const grown = (head) => known?.head.run === head.run && String(known.head.maps.map(nameOf)) === String(head.maps.map(nameOf))
  root.setAttribute("aria-busy", "true")
  ;(same ? Promise.resolve(known.head) : unpack(data)).then((head) => {
    if (ended.signal.aborted) return
    // The server knows the address of when it was last told of it: a view of the same maps goes on as it is.
    const goesOn = same || grown(head)
    const view = goesOn ? known.view : viewOf(head, location.search)
    kept.set(root, { bytes: data, head, view })
    if (!goesOn) for (const each of [root, root.querySelector(".time")]) delete each.dataset.playing
    begin(root, head, view, ended.signal, setTriggerValue)
    if (goesOn) nameView(head, view)
    if (!head.grows) root.removeAttribute("aria-busy")
  })
  return () => ended.abort()
}

function begin(root, head, view, signal, tell) {
  const find = (name) => root.querySelector(`.${name}`)
  const stage = find("stage")
  const canvas = find("map")
  const tip = find("tip")
  const extra = find("extra")
  const memo = {}
  const words = head.words
  let playing = 0
  let due = 0
  let request = 0
  let pointed = null
  let named = 0

  const on = listening(signal)
  const current = () => head.maps[view.map]
  const stepNow = () => clamp(view.step ?? head.usualStep, 0, Math.max(0, head.steps.length - 1))
  const atNow = () => atStep(current(), stepNow())
  const lookNow = () => ({ ...view, step: stepNow() })
  const ofMethod = (method) => head.maps.flatMap((each, at) => (each.method === method ? [at] : []))
  const combined = head.maps.findIndex((each) => each.method === "combined")

  // What the scrubber goes through: the combined map and the layers of the run's own method, or those of another method.
  function track() {
    const own = head.maps[0].method
    const isOwn = current().method === own || view.map === combined
    if (!isOwn || combined < 0 || head.maps[0].layer === null) return ofMethod(current().method)
    return [combined, ...ofMethod(own)]
  }

  const chooser = find("method")
  label(root, head)
  const boxes = boxesOver(find("marks"), head.boxes)

  // -- drawing --
  function place() {
    const ratio = head.size[0] / head.size[1]
    const above = stage.getBoundingClientRect().top + scrollTop()
    const fitting = head.highest ?? Math.max(LEAST, innerHeight - above - BELOW - time.height())
    const high = document.fullscreenElement === root ? innerHeight - 120 - time.height() : fitting
    const wide = root.clientWidth - find("legend").offsetWidth - 8
    const width = Math.max(80, Math.min(wide, high * ratio))
    const height = width / ratio
    stage.style.width = `${width}px`
    stage.style.height = `${height}px`
    sharpen(canvas, width, height, PIXELS)
    find("legend").style.height = `${height}px`
    time.resized()
    draw()
  }

  // How far the page around has been scrolled: the map keeps the size that fits the first screen.
  function scrollTop() {
    for (let element = root.getRootNode().host ?? root; element; element = element.parentElement)
      if (element.scrollTop > 0) return element.scrollTop
    return 0
  }

  function draw() {
    cancelAnimationFrame(request)
    request = requestAnimationFrame(show)
  }

  function show() {
    const map = current()
    paint(canvas, head, lookNow(), view.map, memo)
    time.show()
    chooser.value = map.method
    const layers = track()
    const range = find("layer")
    const has = layers.length > 1
    range.hidden = find("play").hidden = !has
    if (has) {
      range.max = layers.length - 1
      range.value = layers.indexOf(view.map)
      range.setAttribute("aria-valuetext", titleOf(map))
    }
    find("title").textContent = map.layer === null ? "" : titleOf(map)
    find("play").textContent = playing ? "\u23f8" : "\u25b6"
    find("play").setAttribute("aria-pressed", String(Boolean(playing)))
    find("opacity").value = view.opacity
    find("threshold").value = Math.round(view.threshold * 100)
    for (const name of ["colormap", "cells", "scale"]) find(name).value = view[name]
    for (const name of ["even", "fade", "truth", "sinks", "hide", "boxes", "alike"]) find(name).checked = view[name]
    find("smaller").disabled = find("whole").disabled = view.zoom.scale === 1
    find("sentence").textContent = head.sentences[view.map]
    find("trust").textContent = head.trust[map.name]?.words ?? ""
    find("trust").dataset.level = head.trust[map.name]?.level ?? ""
    drawLegend(find, head, view, atNow())
    boxes.place(view)
    if (pointed) point(pointed)
    root.dataset.shown = map.name
    root.dataset.zoom = view.zoom.scale.toFixed(3)
    root.dataset.frames = Number(root.dataset.frames ?? 0) + 1
  }

  function titleOf(map) {
    return map.layer === null ? map.methodTitle : fill(words.layer, { part: map.part, layer: map.layer })
  }

  // -- changing --
  function change(by) {
    Object.assign(view, by)
    draw()
    clearTimeout(named)
    named = setTimeout(() => {
      if (signal.aborted) return
      nameView(head, view)
      // Only where the server has drawn something that depends on it.
      if (document.querySelector(".st-key-follows-view")) tell("looked", location.search)
    }, QUIET)
  }

  function go(number) {
    change({ map: number })
    tiles.mark()
  }

  const time = timeOf(find, head, {
    map: current,
    step: stepNow,
    choose: (chosen) => (change({ step: chosen }), tiles.redrawSoon()),
    on,
    stopLayers: () => stop(),
  })
  whenOver(signal, time.end)

  function step(by) {
    const layers = track()
    go(layers[clamp(layers.indexOf(view.map) + by, 0, layers.length - 1)])
  }

  function stop() {
    clearTimeout(playing)
    playing = 0
    draw()
  }

  function play() {
    if (playing) return stop()
    time.stop()
    const layers = reel()
    if (layers.length < 2) return
    if (view.map === layers.at(-1) || !layers.includes(view.map)) go(layers[0])
    playOn(PACE)
    draw()
  }

  const reel = () => track().filter((each) => head.maps[each].layer !== null)

  function playOn(wait) {
    due = performance.now() + wait
    playing = setTimeout(() => {
      if (!root.isConnected || view.map === reel().at(-1)) return stop()
      step(1)
      playOn(PACE)
    }, wait)
  }
  // The next view of the same maps plays on, in the same pace: two that play would draw over each other.
  whenOver(signal, () => {
    if (playing) root.dataset.playing = Math.max(0, due - performance.now())
    clearTimeout(playing)
  })

  on(chooser, "change", () => {
    stop()
    const choices = ofMethod(chooser.value)
    const layer = current().layer
    go(choices.find((at) => head.maps[at].layer === layer) ?? head.best[chooser.value] ?? choices[0])
  })
  on(find("layer"), "input", (event) => (stop(), go(track()[Number(event.target.value)])))
  on(find("play"), "click", play)
  on(find("opacity"), "input", (event) => change({ opacity: Number(event.target.value) }))
  on(find("threshold"), "input", (event) => change({ threshold: Number(event.target.value) / 100 }))
  for (const name of ["colormap", "cells", "scale"])
    on(find(name), "change", (event) => (change({ [name]: event.target.value }), tiles.redraw()))
  for (const name of ["even", "fade", "truth", "sinks", "hide", "boxes", "alike"])
    on(find(name), "change", (event) => (change({ [name]: event.target.checked }), tiles.redraw()))

  // The picture alone for as long as something is held down.
  const alone = (is) => view.alone !== is && ((view.alone = is), draw())
  on(find("blink"), "pointerdown", (event) => (event.target.setPointerCapture(event.pointerId), alone(true)))
  for (const kind of ["pointerup", "pointercancel", "blur"]) on(find("blink"), kind, () => alone(false))
  on(find("blink"), "keydown", (event) => [" ", "Enter"].includes(event.key) && (event.preventDefault(), alone(true)))
  on(find("blink"), "keyup", () => alone(false))

  on(find("more"), "click", () => {
    extra.hidden = !extra.hidden
    find("more").setAttribute("aria-expanded", String(!extra.hidden))
    place()
  })
  on(find("link"), "click", async (event) => {
    nameView(head, view)
    const button = event.target
    try {
      await navigator.clipboard.writeText(location.href)
      button.textContent = words.copied
    } catch {
      prompt(words.labels.link, location.href) // a page without TLS may not write to the clipboard
    }
    setTimeout(() => (button.textContent = words.labels.link), 2000)
  })
  on(find("full"), "click", () => (document.fullscreenElement ? document.exitFullscreen() : root.requestFullscreen()))

  // -- zoom, pan and what lies under the pointer --
  const look = (zoom) => change({ zoom })

  function point(at) {
    pointed = at
    tip.textContent = at ? said(head, atNow(), ...at) : ""
    if (!at) return
    const [across, down] = shareOf(view.zoom, at)
    tip.style.left = `${clamp(across * stage.clientWidth + 14, 4, Math.max(4, stage.clientWidth - tip.offsetWidth - 4))}px`
    tip.style.top = `${down * stage.clientHeight + (down > 0.85 ? -34 : 18)}px`
  }

  followPointers(stage, on, () => view.zoom, look, point)
  on(window, "scroll", () => point(null), { capture: true, passive: true }) // the map moves away below the pointer
  on(find("larger"), "click", () => look(zoomed(view.zoom, STEP ** 2)))
  on(find("smaller"), "click", () => look(zoomed(view.zoom, STEP ** -2)))
  on(find("whole"), "click", () => look(WHOLE))

  on(stage, "keydown", (event) => {
    const by = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key]
    if (by && view.zoom.scale > 1) look(moved(view.zoom, 0.1 * by[0], 0.1 * by[1]))
    else if (by && by[0]) stop(), step(by[0])
    else if (event.key === "+") look(zoomed(view.zoom, STEP))
    else if (event.key === "-") look(zoomed(view.zoom, 1 / STEP))
    else if (event.key === "0") look(WHOLE)
    else if (event.key === " ") alone(true)
    else if (event.key === "j") stop(), step(-1)
    else if (event.key === "k") play()
    else if (event.key === "l") stop(), step(1)
    else if (event.key === ",") time.by(-1)
    else if (event.key === ".") time.by(1)
    else if (event.key === "p") time.play()
    else return
    event.preventDefault()
    event.stopPropagation()
  })
  on(stage, "keyup", (event) => event.key === " " && alone(false))
  on(stage, "blur", () => alone(false))

  // -- all layers --
  const tiles = tilesOf(find("tiles"), find("tilesButton"), head.size[0] / head.size[1], {
    maps: () => (track().length > 1 ? track().filter((each) => head.maps[each].layer !== null) : []),
    draw: (small, number) => paint(small, head, { ...lookNow(), zoom: WHOLE }, number, {}),
    title: (number) => titleOf(head.maps[number]),
    shown: () => view.map,
    choose: (number) => (stop(), go(number)),
  })
  // Kept at the root, for the view that begins when more is known of the same maps.
  const openTiles = (open) => (root.dataset.tiles = tiles.open(open) ? "open" : "")
  on(find("tilesButton"), "click", () => openTiles(!tiles.isOpen()))
  on(chooser, "change", () => openTiles(tiles.isOpen()))
  for (const name of ["opacity", "threshold"]) on(find(name), "change", tiles.redraw)

  const watcher = new ResizeObserver(place)
  watcher.observe(root)
  whenOver(signal, () => watcher.disconnect())
  on(window, "resize", place)
  on(document, "fullscreenchange", place)
  on(window, "popstate", () => change(viewOf(head, location.search)))
  openTiles(root.dataset.tiles === "open")
  time.goOn()
  if (root.dataset.playing) playOn(Number(root.dataset.playing))
  delete root.dataset.playing
  place()
}
