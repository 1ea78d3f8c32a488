// Layers as buttons with pictures. Pictures are changed in place, so that nothing flickers and focus stays.

function make(grid) {
  const tile = document.createElement("button")
  tile.className = "tile"
  tile.append(document.createElement("img"), document.createElement("span"))
  grid.append(tile)
  return tile
}

export default function ({ parentElement, data, setTriggerValue }) {
  const grid = parentElement.querySelector(".tiles")
  while (grid.children.length > data.tiles.length) grid.lastChild.remove()
  data.tiles.forEach(({ layer, picture }, index) => {
    const tile = grid.children[index] ?? make(grid)
    const [image, title] = tile.children
    if (image.getAttribute("src") !== picture) image.src = picture
    image.width = data.width
    image.alt = `Heat of ${data.word} ${layer}`
    title.textContent = `${data.word} ${layer}`
    tile.setAttribute("aria-label", `Look at ${data.word} ${layer}`)
    tile.onclick = () => setTriggerValue("layer", layer)
  })
}
