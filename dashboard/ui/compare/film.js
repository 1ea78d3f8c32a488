// Layers as a film: pictures that are here already are swapped, so that nothing waits for the server.

const films = new WeakMap() // root -> what is on and where, kept when new pictures come

function decoded(source) {
  if (!source) return null
  const image = new Image()
  image.src = source
  image.decode().catch(() => {}) // ready before its turn; where it is not, it is drawn a moment later
  return image
}

// Where the film begins: at the layer on display, which the address names, or at its start.
function begin(layers) {
  return Math.max(0, layers.indexOf(Number(new URLSearchParams(location.search).get("at") ?? NaN)))
}

export default function ({ parentElement, data: reel, setTriggerValue }) {
  const data = JSON.parse(new TextDecoder().decode(reel))
  const root = parentElement.querySelector(".film")
  const screens = root.querySelector(".screens")
  const [play, look] = root.querySelectorAll("button")
  const range = root.querySelector("input")
  const title = root.querySelector("output")
  const pace = root.querySelector("select")
  const film = films.get(root) ?? { at: begin(data.layers), playing: false }
  films.set(root, film)
  const last = data.layers.length - 1
  film.at = Math.min(film.at, last)
  range.max = last
  let due = 0
  let request = 0

  const reels = data.runs.map(({ name, width, height, frames }) => {
    const screen = document.createElement("figure")
    screen.className = "screen"
    screen.style.width = `${width}px`
    const picture = document.createElement("div")
    picture.className = "picture"
    picture.style.aspectRatio = `${width} / ${height}`
    const caption = document.createElement("figcaption")
    caption.textContent = name
    screen.append(picture, caption)
    return { screen, picture, name, frames: frames.map(decoded) }
  })
  screens.replaceChildren(...reels.map(({ screen }) => screen))

  function draw() {
    const layer = `${data.word} ${data.layers[film.at]}`
    for (const { picture, frames, name } of reels) {
      const image = frames[film.at]
      if (image) image.alt = `Heat of run ${name}, ${layer}`
      picture.replaceChildren(image ?? `no map of ${layer}`)
    }
    range.value = film.at
    range.setAttribute("aria-valuetext", layer)
    title.textContent = layer
    play.textContent = film.playing ? "Pause" : "Play"
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
  return () => cancelAnimationFrame(request)
}
