// Pictures that are looked at closely together: one zoom for all, kept when other pictures of theirs come.

const MOST = 40 // times as large as the whole picture
const STEP = 1.25
const views = new WeakMap() // root -> {scale, x, y} of each panel: how large, and what lies in its middle

function floats(text) {
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
  return new Float32Array(bytes.buffer)
}

function within(view) {
  view.scale = Math.min(MOST, Math.max(1, view.scale))
  const half = 0.5 / view.scale
  for (const axis of ["x", "y"]) view[axis] = Math.min(1 - half, Math.max(half, view[axis]))
}

function said({ heat, rows, columns, unit }, x, y) {
  const column = Math.min(columns - 1, Math.floor(x * columns))
  const row = Math.min(rows - 1, Math.floor(y * rows))
  return `x ${x.toFixed(2)}, y ${y.toFixed(2)}: ${Number(heat[row * columns + column].toPrecision(4))} (${unit})`
}

export default function ({ parentElement, data }) {
  const root = parentElement.querySelector(".panes")
  const row = root.querySelector(".row")
  const [larger, smaller, whole] = root.querySelectorAll("button")
  const shape = JSON.stringify([data.shared, data.panes.map((pane) => pane.ratio)])
  let state = views.get(root)
  if (state?.shape !== shape) {
    state = { shape, each: data.panes.map(() => ({ scale: 1, x: 0.5, y: 0.5 })) }
    views.set(root, state)
  }

  const panels = data.panes.map((pane, number) => {
    const figure = document.createElement("figure")
    const title = document.createElement("figcaption")
    title.textContent = pane.title
    const glass = document.createElement("div")
    glass.className = "glass"
    glass.style.aspectRatio = `${pane.ratio}`
    glass.tabIndex = 0
    glass.setAttribute("role", "group")
    glass.setAttribute("aria-label", `${pane.title}: arrow keys move, plus and minus zoom, 0 shows the whole picture`)
    const image = document.createElement("img")
    image.src = pane.picture
    image.alt = pane.title
    image.draggable = false
    const cross = document.createElement("div")
    cross.className = "cross"
    glass.append(image, cross)
    const text = document.createElement("div")
    text.className = "said"
    figure.append(title, glass, text)
    if (pane.difference) {
      const scale = document.createElement("div")
      scale.className = "scale"
      const bar = document.createElement("div")
      bar.className = "colours"
      bar.style.background = pane.colours
      const ends = document.createElement("div")
      ends.className = "ends"
      const top = Number(pane.top.toPrecision(3))
      for (const word of [`${-top}`, "0", `${top}`]) {
        const end = document.createElement("span")
        end.textContent = word
        ends.append(end)
      }
      const unit = document.createElement("div")
      unit.textContent = pane.unit
      scale.append(bar, ends, unit)
      figure.append(scale)
    }
    return { ...pane, heat: floats(pane.heat), figure, glass, image, cross, text, number }
  })
  row.replaceChildren(...panels.map(({ figure }) => figure))

  const together = (panel) => (data.shared ? panels : [panel])
  const view = (panel) => state.each[panel.number]

  function draw() {
    for (const panel of panels) {
      const { scale, x, y } = view(panel)
      panel.image.style.transform = `scale(${scale}) translate(${(0.5 / scale - x) * 100}%, ${(0.5 / scale - y) * 100}%)`
      panel.image.style.imageRendering = scale > 8 ? "pixelated" : "auto"
    }
    root.dataset.scale = Math.max(...state.each.map((each) => each.scale)).toFixed(3)
    smaller.disabled = whole.disabled = state.each.every((each) => each.scale === 1)
  }

  function change(panel, by) {
    for (const each of together(panel)) {
      by(view(each))
      within(view(each))
    }
    draw()
  }

  // Where on the picture a pointer is, in [0, 1].
  function position(panel, event) {
    const box = panel.glass.getBoundingClientRect()
    const { scale, x, y } = view(panel)
    const at = (share, middle) => Math.min(1, Math.max(0, middle + (share - 0.5) / scale))
    return [at((event.clientX - box.left) / box.width, x), at((event.clientY - box.top) / box.height, y)]
  }

  function zoom(panel, factor, [x, y] = [null, null]) {
    change(panel, (each) => {
      const before = each.scale
      each.scale = Math.min(MOST, Math.max(1, before * factor))
      if (x === null) return
      // What lies under the pointer stays there.
      each.x = x + ((each.x - x) * before) / each.scale
      each.y = y + ((each.y - y) * before) / each.scale
    })
  }

  function point(panel, position) {
    state.pointed = position && { number: panel.number, position } // told again of other pictures, under a pointer at rest
    for (const each of together(panel)) {
      const { scale, x, y } = view(each)
      each.text.textContent = position ? said(each, ...position) : ""
      each.cross.style.display = position && each !== panel ? "block" : "none"
      if (!position) continue
      each.cross.style.left = `${50 + (position[0] - x) * scale * 100}%`
      each.cross.style.top = `${50 + (position[1] - y) * scale * 100}%`
    }
  }

  for (const panel of panels) {
    const { glass } = panel
    glass.onwheel = (event) => {
      if (event.deltaY > 0 && view(panel).scale === 1) return // the page scrolls on
      event.preventDefault()
      zoom(panel, STEP ** (-Math.sign(event.deltaY)), position(panel, event))
      point(panel, position(panel, event))
    }
    glass.onpointerdown = (event) => glass.setPointerCapture(event.pointerId)
    glass.onpointermove = (event) => {
      if (event.buttons) {
        const box = glass.getBoundingClientRect()
        change(panel, (each) => {
          each.x -= event.movementX / box.width / each.scale
          each.y -= event.movementY / box.height / each.scale
        })
      }
      point(panel, position(panel, event))
    }
    glass.onpointerleave = () => glass.isConnected && point(panel, null)
    glass.ondblclick = () => change(panel, (each) => (each.scale = 1))
    glass.onkeydown = (event) => {
      const by = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key]
      if (by) change(panel, (each) => ((each.x += (0.1 * by[0]) / each.scale), (each.y += (0.1 * by[1]) / each.scale)))
      else if (event.key === "+") zoom(panel, STEP)
      else if (event.key === "-") zoom(panel, 1 / STEP)
      else if (event.key === "0") change(panel, (each) => (each.scale = 1))
      else return
      event.preventDefault()
      event.stopPropagation()
    }
  }
  const all = (act) => () => (data.shared ? panels.slice(0, 1) : panels).forEach(act)
  larger.onclick = all((panel) => zoom(panel, STEP ** 2))
  smaller.onclick = all((panel) => zoom(panel, STEP ** -2))
  whole.onclick = all((panel) => change(panel, (each) => (each.scale = 1)))
  draw()
  if (state.pointed) point(panels[state.pointed.number], state.pointed.position)
}
