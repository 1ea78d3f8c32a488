// The time of a video: which step is on display, a strip of its frames, and the heat's share over them.

import { clamp, digits, fill } from "../drawing/values.js"

const SLOWEST = 1000 // milliseconds that a step is shown at most while the video plays, however long it is
const FASTEST = 150 // and at least
const NARROWEST = 24 // pixels of a frame in the strip: where steps are narrower, it stands for several

// Which steps have their frame in a strip of that width, and how many steps each stands for.
export function slotsOf(steps, width) {
  const each = Math.max(1, Math.ceil(NARROWEST / (width / steps)))
  return { each, at: Array.from({ length: Math.ceil(steps / each) }, (_, i) => i * each) }
}

// The line of shares and the band of their standard errors as points of a drawing of one unit a step and one unit high.
export function lineOf(shares, errors) {
  const most = Math.max(...shares.map((share, i) => share + (errors?.[i] ?? 0)), 1e-12)
  const point = (x, value) => `${x},${(1 - clamp(value / most, 0, 1)).toFixed(4)}`
  const along = (value) => shares.map((_, i) => point(i + 0.5, value(i)))
  const line = along((i) => shares[i]).join(" ")
  if (!errors) return { most, line, band: "" }
  const above = along((i) => shares[i] + errors[i])
  const below = along((i) => shares[i] - errors[i]).reverse()
  return { most, line, band: [...above, ...below].join(" ") }
}

// The part of the viewer that is about time; of a picture it is not there.
//   map: the map on display; step: the step on display; choose: takes another one; on: listens until the view ends
export function timeOf(find, head, { map, step, choose, on, stopLayers }) {
  const place = find("time")
  const last = head.steps.length - 1
  place.hidden = !head.steps.length
  // Before anything is computed, nobody knows the steps: their room is kept, so that the map does not jump.
  place.style.visibility = last === 0 && head.steps[0][1] === 0 ? "hidden" : ""
  if (!head.steps.length)
    return { show() {}, by() {}, play() {}, stop() {}, end() {}, goOn() {}, height: () => 0, resized() {} }
  const words = head.words.time
  const strip = find("strip")
  const chart = find("shares")
  let playing = 0
  let drawn = ""

  const seconds = (value) => String(Number(value.toFixed(2)))
  const spanOf = ([start, end]) => fill(words.span, { start: seconds(start), end: seconds(end) })

  function show() {
    const [now, { shares, shareErrors }] = [step(), map()]
    const slider = find("step")
    slider.max = last
    slider.value = now
    const title = fill(words.step, { step: now + 1, steps: last + 1, span: spanOf(head.steps[now]) })
    slider.setAttribute("aria-valuetext", title)
    find("stepTitle").textContent = title
    const error = shareErrors?.[now]
    find("share").textContent = shares?.some((share) => share > 0)
      ? fill(error ? words.shareWithError : words.share, { share: digits(100 * shares[now]), error: error ? digits(100 * error, 2) : "" })
      : ""
    find("playTime").textContent = playing ? "\u23f8" : "\u25b6"
    find("playTime").setAttribute("aria-pressed", String(Boolean(playing)))
    find("playTime").hidden = slider.hidden = last === 0
    if (drawn !== map().name) drawLine(shares, shareErrors)
    find("now").style.left = `${(100 * now) / (last + 1)}%`
    find("now").style.width = `${100 / (last + 1)}%`
    place.dataset.step = now + 1
  }

  function drawLine(shares, errors) {
    drawn = map().name
    chart.parentElement.hidden = !shares?.some((share) => share > 0)
    if (chart.parentElement.hidden) return
    const { most, line, band } = lineOf(shares, errors)
    chart.setAttribute("viewBox", `0 0 ${last + 1} 1`)
    chart.querySelector("polyline").setAttribute("points", line)
    chart.querySelector("polygon").setAttribute("points", band)
    find("most").textContent = fill(words.most, { share: digits(100 * most, 2) })
  }

  // The strip is drawn anew where it has another width; frames are cut at their sides where their slots are narrower.
  function resized() {
    const width = strip.clientWidth
    const height = strip.clientHeight
    if (!width || !height) return
    const sharp = devicePixelRatio || 1
    ;[strip.width, strip.height] = [Math.round(width * sharp), Math.round(height * sharp)]
    const context = strip.getContext("2d")
    const { each, at } = slotsOf(last + 1, width)
    for (const first of at) {
      const frame = head.frames[first]
      const left = (first / (last + 1)) * strip.width
      const wide = (Math.min(each, last + 1 - first) / (last + 1)) * strip.width
      const scale = strip.height / frame.height
      const shown = Math.min(frame.width, (wide - sharp) / scale)
      const margin = (wide - sharp - shown * scale) / 2
      context.drawImage(frame, (frame.width - shown) / 2, 0, shown, frame.height, left + margin, 0, shown * scale, strip.height)
    }
  }

  function stop() {
    clearTimeout(playing)
    playing = 0
    show()
  }

  function go(to) {
    stop()
    choose(clamp(to, 0, last))
  }

  function next() {
    if (!place.isConnected || step() === last) return stop()
    choose(step() + 1)
    wait()
  }

  function wait() {
    const [start, end] = head.steps[step()]
    playing = setTimeout(next, clamp(1000 * (end - start), FASTEST, SLOWEST))
  }

  function play() {
    if (playing) return stop()
    if (last === 0) return
    stopLayers()
    if (step() === last) choose(0)
    wait()
    show()
  }

  // The view ends, and the next one of the same maps plays on: two that play would draw over each other.
  function end() {
    if (playing) place.dataset.playing = "on"
    clearTimeout(playing)
    playing = 0
  }

  function goOn() {
    if (place.dataset.playing) wait()
    delete place.dataset.playing
  }

  const scrub = (event) => {
    const { left, width } = find("film").getBoundingClientRect()
    go(Math.floor(((event.clientX - left) / width) * (last + 1)))
  }
  on(find("film"), "pointerdown", (event) => (find("film").setPointerCapture(event.pointerId), scrub(event)))
  on(find("film"), "pointermove", (event) => event.buttons && scrub(event))
  on(find("step"), "input", (event) => go(Number(event.target.value)))
  on(find("playTime"), "click", play)

  return { show, by: (count) => go(step() + count), play, stop, end, goOn, resized, height: () => place.offsetHeight }
}
