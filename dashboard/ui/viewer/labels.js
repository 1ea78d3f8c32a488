// The words of the controls, what can be chosen, and which of them these maps have. What it says comes with the maps.

export function label(root, head) {
  const find = (name) => root.querySelector(`.${name}`)
  const { labels, titles, options, stage, timeStage } = head.words
  const titleOf = Object.fromEntries(head.maps.map((each) => [each.method, each.methodTitle]))
  find("method").replaceChildren(...Object.entries(titleOf).map(([method, title]) => new Option(title, method)))
  find("colormap").replaceChildren(...Object.keys(head.colours).map((name) => new Option(name, name)))
  for (const [name, text] of Object.entries(labels)) {
    const element = root.querySelector(`[data-word="${name}"]`)
    if (element) element.textContent = text
  }
  for (const [name, text] of Object.entries(titles)) {
    find(name).setAttribute("aria-label", text)
    find(name).title = text
  }
  for (const [name, texts] of Object.entries(options))
    for (const option of find(name).options) option.textContent = texts[option.value] ?? option.value
  const layers = head.maps.filter((each) => each.layer !== null).length
  const possible = {
    fade: head.maps.some((each) => each.errors),
    truth: head.truth.length > 0,
    sinks: head.sinks.length > 0,
    hide: head.sinks.length > 0,
    boxes: head.boxes.length > 0,
    scale: layers > 1,
    alike: head.steps.length > 1,
    tilesButton: layers > 1,
  }
  for (const [name, can] of Object.entries(possible)) (find(name).closest("label") ?? find(name)).hidden = !can
  find("stage").setAttribute("aria-label", head.steps.length ? timeStage : stage)
}
