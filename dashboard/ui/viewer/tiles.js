// All layers of a method at once, small, each a button that shows it.

const TILE = 150 // pixels of its width
const SETTLED = 200 // milliseconds without a change after which they are drawn anew

// A row of them, which is closed at first.
//   row, button: where they are, and what opens and closes them
//   maps: numbers of the maps now; draw: (canvas, number) draws one; title: its words; shown: which is on display;
//   choose: takes the one that was clicked
export function tilesOf(row, button, ratio, { maps, draw, title, shown, choose }) {
  let isOpen = false
  let soon = 0

  function redraw() {
    if (!isOpen) return
    row.replaceChildren(...maps().map(tile))
    mark()
  }

  function tile(number) {
    const element = document.createElement("button")
    element.type = "button"
    element.dataset.number = number
    const small = document.createElement("canvas")
    ;[small.width, small.height] = [TILE, Math.max(1, Math.round(TILE / ratio))]
    draw(small, number)
    const text = document.createElement("span")
    text.textContent = title(number)
    element.append(small, text)
    element.onclick = () => choose(number)
    return element
  }

  function mark() {
    for (const each of row.children) each.setAttribute("aria-current", String(Number(each.dataset.number) === shown()))
  }

  // A method with a single map has nothing to show.
  function open(wanted) {
    isOpen = wanted && maps().length > 0
    row.hidden = !isOpen
    button.setAttribute("aria-expanded", String(isOpen))
    redraw()
    return isOpen
  }

  // While something moves, all of them would be too much work.
  function redrawSoon() {
    clearTimeout(soon)
    if (isOpen) soon = setTimeout(redraw, SETTLED)
  }

  return { open, redraw, redrawSoon, mark, isOpen: () => isOpen }
}
