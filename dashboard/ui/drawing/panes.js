// Maps beside each other, each over its picture: what changes only how they are looked at happens here, without a
// message to the server. They get pictures, numbers, letters and words of ours, no text of people.

import { listening, whenOver } from "./ending.js"
import { CELLS, lookOf, nameLook, SCALES } from "./look.js"
import { unbound, unpack } from "./packet.js"
import { paint, sharpen, topOf } from "./paint.js"
import { swipe } from "./swipe.js"
import { clamp, digits, fill } from "./values.js"
import { WHOLE, shareOf } from "./zoom.js"
import { zoomTogether } from "./zooms.js"

const PIXELS = 1.2e6 // of all canvases together at most: each is worked out anew when something moves
const QUIET = 150 // milliseconds without a change after which the address names the view
const LOOK = 100 // milliseconds between looks at the address
const kept = new WeakMap() // root -> what the one before has unpacked, and how it was looked at

export default function ({ parentElement, data, setTriggerValue }) {
  const root = parentElement.querySelector(".panes")
  const before = kept.get(root)
  const ended = new AbortController()
  const same = before && before.data.length === data.length && before.data.every((byte, i) => byte === data[i])
  const reel = same ? before.reel : unbound(data)
  root.setAttribute("aria-busy", "true")
  ;(same ? Promise.resolve(before.runs) : Promise.all(reel.packets.map(unpack))).then((runs) => {
    if (ended.signal.aborted) return
    const state = takenUp(before?.state, reel, runs)
    kept.set(root, { data, reel, runs, state })
    begin(root, reel, runs, state, ended.signal, setTriggerValue)
    root.removeAttribute("aria-busy")
  })
  return () => ended.abort()
}

// How these maps are looked at: as the ones before them, where they can be.
function takenUp(before, reel, runs) {
  const shape = JSON.stringify(runs.map(({ size }) => size))
  const named = inAddress()
  const number = (value) => reel.choices.findIndex((each) => String(each.value) === value)
  const moved = !before || before.named !== named // the page shows another map
  const value = moved ? named : before.value
  return {
    shape,
    named,
    value: number(value) < 0 ? String(reel.choices[0].value) : value,
    look: before?.look ?? lookOf(location.search, reel.usual, Object.keys(runs[0].colours)),
    places: before?.shape === shape ? before.places : runs.map(() => ({ ...WHOLE })),
    pointed: before?.shape === shape ? before.pointed : null, // told again of other maps, under a pointer at rest
  }
}

// The map that the page shows: its slider writes it into the address, of which no event tells.
const inAddress = () => new URLSearchParams(location.search).get("at")

function begin(root, reel, runs, state, signal, tell) {
  const { words, choices } = reel
  const { look } = state
  const find = (name) => root.querySelector(`.${name}`)
  const on = listening(signal)
  const at = () => choices.findIndex((each) => String(each.value) === state.value)
  let request = 0
  let naming = 0

  // -- words, and what can be chosen --
  for (const [name, text] of Object.entries(words.labels)) root.querySelector(`[data-word="${name}"]`).textContent = text
  for (const [name, text] of Object.entries(words.buttons)) find(name).textContent = text
  for (const [name, text] of Object.entries(words.titles)) {
    find(name).title = text
    if (!words.buttons[name]) find(name).setAttribute("aria-label", text) // others are called what they say
  }
  const options = { colormap: Object.keys(runs[0].colours), cells: CELLS, scale: SCALES }
  for (const [name, values] of Object.entries(options))
    find(name).replaceChildren(...values.map((value) => new Option(words.options[name]?.[value] ?? value, value)))
  find("map").max = choices.length - 1
  for (const name of ["map", "title", "everywhere"]) find(name).hidden = choices.length < 2

  // -- the panes --
  const panes = runs.map((run, number) => {
    const figure = element("figure")
    const title = element("figcaption")
    const glass = element("div", "glass")
    const canvas = element("canvas")
    const cross = element("div", "cross")
    const text = element("div", "said")
    glass.style.aspectRatio = `${run.size[0]} / ${run.size[1]}`
    glass.tabIndex = 0
    glass.setAttribute("role", "group")
    canvas.setAttribute("role", "img")
    glass.append(canvas, cross)
    figure.append(title, glass, text)
    const ends = run.maps[0].isDifference ? scaleOf(run, figure) : null
    return { run, number, figure, title, glass, canvas, cross, text, ends, memo: {} }
  })
  const over = find("swipe")
  find("row").replaceChildren(...panes.map(({ figure }) => figure), over)
  over.hidden = !reel.swipes
  const [under, above] = over.querySelectorAll("canvas")
  const swiped = reel.swipes ? [[above, panes[0], {}], [under, panes[1], {}]] : []
  find("heading").textContent = words.swipe
  find("left").textContent = reel.letters[0]
  find("right").textContent = reel.letters[1]
  if (reel.swipes) swipe(over, signal)
  const most = PIXELS / (panes.length + swiped.length)

  const buttons = zoomTogether(panes.map(({ glass }) => glass), state.places, reel.shared, signal, draw, point)
  for (const name of ["larger", "smaller", "whole"]) on(find(name), "click", buttons[name])

  // -- drawing --
  function draw() {
    cancelAnimationFrame(request)
    request = requestAnimationFrame(show)
  }

  function show() {
    const number = at()
    for (const pane of panes) {
      const map = pane.run.maps[number]
      const title = choices[number].titles[pane.number]
      if (fit(pane.canvas, pane.glass, pane.run.size, most))
        paint(pane.canvas, pane.run, { ...look, zoom: state.places[pane.number] }, number, pane.memo)
      pane.title.textContent = title
      pane.canvas.setAttribute("aria-label", title)
      pane.glass.setAttribute("aria-label", `${title}: ${words.keys}`)
      if (pane.ends) {
        const top = Number(topOf(pane.run, look, map).toPrecision(3))
        pane.ends.forEach((end, i) => (end.textContent = [`${-top}`, "0", `${top}`, map.unit][i]))
      }
    }
    for (const [canvas, pane, memo] of swiped) {
      canvas.setAttribute("aria-label", choices[number].titles[pane.number])
      if (!fit(canvas, over.querySelector(".frame"), pane.run.size, most)) continue
      // Where it is as large as its pane, it is the same picture.
      if (canvas.width === pane.canvas.width && canvas.height === pane.canvas.height)
        canvas.getContext("2d", { willReadFrequently: true }).drawImage(pane.canvas, 0, 0)
      else paint(canvas, pane.run, { ...look, zoom: state.places[pane.number] }, number, memo)
    }
    find("map").value = number
    find("map").setAttribute("aria-valuetext", choices[number].title)
    find("title").textContent = choices[number].title
    find("everywhere").disabled = state.value === (state.named ?? String(choices[0].value))
    find("opacity").value = look.opacity
    find("threshold").value = Math.round(look.threshold * 100)
    for (const name of ["colormap", "cells", "scale"]) find(name).value = look[name]
    find("even").checked = look.even
    find("smaller").disabled = find("whole").disabled = state.places.every(({ scale }) => scale === 1)
    root.dataset.scale = Math.max(...state.places.map(({ scale }) => scale)).toFixed(3)
    root.dataset.shown = state.value
    root.dataset.frames = Number(root.dataset.frames ?? 0) + 1
    if (state.pointed) point(state.pointed.number, state.pointed.position)
  }

  function point(number, position) {
    state.pointed = position && { number, position }
    for (const pane of reel.shared ? panes : [panes[number]]) {
      pane.text.textContent = position ? said(words.cell, pane.run.maps[at()], ...position) : ""
      pane.cross.style.display = position && pane.number !== number ? "block" : "none"
      if (!position) continue
      const [across, down] = shareOf(state.places[pane.number], position)
      pane.cross.style.left = `${100 * across}%`
      pane.cross.style.top = `${100 * down}%`
    }
  }

  // -- changing --
  function change(by) {
    Object.assign(look, by)
    draw()
    clearTimeout(naming)
    naming = setTimeout(() => (naming = 0), QUIET)
  }

  on(find("map"), "input", (event) => ((state.value = String(choices[Number(event.target.value)].value)), draw()))
  on(find("everywhere"), "click", () => tell("map", choices[at()].value))
  on(find("opacity"), "input", (event) => change({ opacity: Number(event.target.value) }))
  on(find("threshold"), "input", (event) => change({ threshold: Number(event.target.value) / 100 }))
  for (const name of ["colormap", "cells", "scale"])
    on(find(name), "change", (event) => change({ [name]: event.target.value }))
  on(find("even"), "change", (event) => change({ even: event.target.checked }))
  on(find("more"), "click", () => {
    find("extra").hidden = !find("extra").hidden
    find("more").setAttribute("aria-expanded", String(!find("extra").hidden))
  })

  const follower = setInterval(() => {
    if (!naming) nameLook(look, reel.usual) // the server knows the address as it last heard of it
    if (inAddress() === state.named) return
    state.named = inAddress()
    const named = choices.find((each) => String(each.value) === state.named) ?? choices[0]
    state.value = String(named.value)
    draw()
  }, LOOK)
  const watcher = new ResizeObserver(draw)
  for (const each of [...panes.map(({ glass }) => glass), over]) watcher.observe(each)
  whenOver(signal, () => (clearInterval(follower), watcher.disconnect(), cancelAnimationFrame(request)))
  draw()
}

function element(kind, name = "") {
  const made = document.createElement(kind)
  if (name) made.className = name
  return made
}

// The scale of a difference below its pane -> where its ends, its middle and its unit are written.
function scaleOf(run, figure) {
  const [scale, bar, ends, unit] = ["ramp", "colours", "ends", "unit"].map((name) => element("div", name))
  const shades = run.differenceShades
  const steps = [0, 0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875, 1].map((share) => {
    const shade = 3 * Math.round((share * (shades.length - 3)) / 3)
    return `rgb(${shades[shade]}, ${shades[shade + 1]}, ${shades[shade + 2]}) ${100 * share}%`
  })
  bar.style.background = `linear-gradient(to right, ${steps})`
  const words = [element("span"), element("span"), element("span")]
  ends.append(...words)
  scale.append(bar, ends, unit)
  figure.append(scale)
  return [...words, unit]
}

// Makes a canvas as sharp as its place on the screen; false where it has none.
function fit(canvas, place, [across, down], most) {
  const width = place.clientWidth
  if (width) sharpen(canvas, width, (width * down) / across, most)
  return width > 0
}

function said(words, map, x, y) {
  const column = clamp(Math.floor(x * map.columns), 0, map.columns - 1)
  const row = clamp(Math.floor(y * map.rows), 0, map.rows - 1)
  const value = map.values[row * map.columns + column] * (Math.abs(map.top) || 1)
  return fill(words, { x: x.toFixed(2), y: y.toFixed(2), value: digits(value), unit: map.unit })
}
