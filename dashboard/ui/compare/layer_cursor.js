// The layer on display as a dotted line in each panel of a chart, and clicks on the chart's points.
// The chart itself does not know the layer: it is neither sent nor drawn again when that changes, and keeps its zoom.

const SEARCH = 200 // milliseconds between looks for a chart that is not there yet, or is another one than before
const drawn = new WeakMap() // root -> what is to be drawn, and how to report a click

function lines(chart, at) {
  const layout = chart._fullLayout
  return Object.values(layout._plots).flatMap(({ xaxis, yaxis }) => {
    const x = xaxis.l2p(at)
    return x < 0 || x > xaxis._length ? [] : [{ left: xaxis._offset + x, top: yaxis._offset, height: yaxis._length }]
  })
}

function draw(chart, at) {
  const frame = chart.querySelector(".svg-container")
  if (!frame || !chart._fullLayout?._plots) return
  const marks = at === null ? [] : lines(chart, at)
  const elements = marks.map(({ left, top, height }) => {
    const line = document.createElement("div")
    line.className = "layer-mark"
    line.style.cssText =
      `position:absolute;left:${left - 1}px;top:${top}px;height:${height}px;width:0;pointer-events:none;` +
      "border-left:2px dotted rgba(128,140,150,0.95)"
    return line
  })
  frame.querySelectorAll(":scope > .layer-mark").forEach((line) => line.remove())
  frame.append(...elements)
}

export default function ({ parentElement, data, setTriggerValue }) {
  const root = parentElement.querySelector(".marker")
  const state = drawn.get(root) ?? { chart: null }
  drawn.set(root, state)
  state.at = data.at
  state.click = (event) => {
    const told = event.points?.[0]?.customdata?.[0]
    if (Number.isInteger(told)) setTriggerValue("layer", told)
  }

  function find() {
    const chart = document.querySelector(`.st-key-${data.chart} .js-plotly-plot`)
    if (!chart?._fullLayout?._plots || chart === state.chart) return
    state.chart = chart
    chart.on("plotly_afterplot", () => draw(chart, state.at))
    chart.on("plotly_click", (event) => state.click(event))
    draw(chart, state.at)
  }

  find()
  if (state.chart) draw(state.chart, state.at)
  const timer = setInterval(find, SEARCH)
  return () => clearInterval(timer)
}
