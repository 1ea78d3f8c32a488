// Layers as a film: what is here already is drawn, so that nothing waits for the server.

import { unbound, unpack } from "../drawing/packet.js"
import { paint } from "../drawing/paint.js"

const films = new WeakMap() // root -> what is on and where, kept when new pictures come

// Where the film begins: at the layer on display, which the address names, or at its start.
function begin(layers) {
  return Math.max(0, layers.indexOf(Number(new URLSearchParams(location.search).get("at") ?? NaN)))
}

export default function ({ parentElement, data: reel, setTriggerValue }) {
  const data = unbound(reel)
  const view = {
    opacity: data.opacity, threshold: 0, even: false, colormap: data.colormap, scale: data.scale, cells: "smooth",
    fade: false, hide: false, truth: false, sinks: false, zoom: { scale: 1, x: 0.5, y: 0.5 },
  }
  const root = parentElement.querySelector(".film")
  const screens = root.querySelector(".screens")
  const [play, look] = root.querySelectorAll("button")
  const range = root.querySelector("input")
  const title = root.querySelector("output")
  const pace = root.querySelector("select")
  const film = films.get(root) ?? { at: begin(data.layers), playing: false }
  films.set(root, film)
  const last = data.layers.length - 1
  const { words } = data
  film.at = Math.min(film.at, last)
  range.max = last
  range.setAttribute("aria-label", words.place)
  look.textContent = words.look
  pace.setAttribute("aria-label", words.pace)
  ;["slow", "usual", "fast"].forEach((name, i) => (pace.options[i].textContent = words[name]))
  let due = 0
  let request = 0

  let ended = false
  const reels = data.runs.map(({ name, width }, number) => {
    const screen = document.createElement("figure")
    screen.className = "screen"
    screen.style.width = `${width}px`
    const picture = document.createElement("div")
    picture.className = "picture"
    const canvas = document.createElement("canvas")
    canvas.setAttribute("role", "img")
    const caption = document.createElement("figcaption")
    caption.textContent = name
    screen.append(picture, caption)
    const one = { screen, picture, canvas, name, width, run: null, memo: {} }
    unpack(data.packets[number]).then((run) => {
      if (ended) return
      one.run = run
      ;[canvas.width, canvas.height] = [width, Math.round((width * run.size[1]) / run.size[0])]
      picture.style.aspectRatio = `${canvas.width} / ${canvas.height}`
      draw()
    })
    return one
  })
  screens.replaceChildren(...reels.map(({ screen }) => screen))

  function draw() {
    const number = data.layers[film.at]
    const layer = data.titles[film.at]
    for (const { picture, canvas, name, run, memo } of reels) {
      if (!run) continue
      const at = run.maps.findIndex((map) => map.layer === number)
      if (at >= 0) paint(canvas, run, view, at, memo)
      canvas.setAttribute("aria-label", words.heat.replace("{run}", name).replace("{layer}", layer))
      picture.replaceChildren(at >= 0 ? canvas : words.none.replace("{layer}", layer))
    }
    range.value = film.at
    range.setAttribute("aria-valuetext", layer)
    title.textContent = layer
    play.textContent = film.playing ? words.pause : words.play
  }

  function tick(now) {
    if (!film.playing || !root.isConnected) return
    if (now >= due) {
      due = now + Number(pace.value)
      film.at = film.at === last ? 0 : film.at + 1
      draw()
    }
    request = requestAnimationFrame(tick)
  }

  function start() {
    cancelAnimationFrame(request)
    due = performance.now() + Number(pace.value)
    request = requestAnimationFrame(tick)
  }

  play.onclick = () => {
    film.playing = !film.playing
    draw()
    if (film.playing) start()
  }
  range.oninput = () => {
    film.at = Number(range.value)
    film.playing = false
    draw()
  }
  look.onclick = () => {
    film.playing = false
    draw()
    setTriggerValue("layer", data.layers[film.at])
  }
  draw()
  if (film.playing) start()
  return () => {
    ended = true
    cancelAnimationFrame(request)
  }
}
