// An answer as chips. Every text is set with textContent: none of it is ever read as markup.

import { fill } from "../drawing/values.js"

const PARTS = { picture: "byPicture", question: "byQuestion", so_far: "bySoFar" } // what a chip may rest on -> its name
const MOMENT = 200 // milliseconds in which the pointer may cross from a chip to its card

function make(tag, className, ...children) {
  const element = document.createElement(tag)
  element.className = className
  element.append(...children)
  return element
}

// People's text, shown as it is, and apart from the writing direction around it.
function literal(text) {
  const element = document.createElement("bdi")
  element.textContent = text
  return element
}

function number(probability) {
  return probability < 0.001 ? "< 0.001" : probability.toFixed(3)
}

export default function (component) {
  let end = draw()

  // Tokens or words, in which colours, as the address says: all of it is here, and nothing has to be fetched.
  function draw() {
    const named = new URLSearchParams(location.search)
    const { pieces } = component.data
    const kind = named.get("pieces") === "words" && pieces.words.length ? "words" : "tokens"
    const by = named.get("chips") in PARTS && pieces.tokens[0].rests ? named.get("chips") : ""
    return chipsOf(component, kind, by, () => {
      end()
      end = draw()
    })
  }
  return () => end()
}

// In the address, as far as it is not as usual.
function put(name, value) {
  const url = new URL(location.href)
  value ? url.searchParams.set(name, value) : url.searchParams.delete(name)
  history.replaceState(history.state, "", url)
}

function chipsOf({ parentElement, data, setTriggerValue }, kind, by, redraw) {
  const bar = parentElement.querySelector(".chips")
  const other = parentElement.querySelector(".kind")
  const card = parentElement.querySelector(".card")
  const { words } = data
  const chooser = parentElement.querySelector(".by")
  const legend = parentElement.querySelector(".legend")
  const ask = (asked) => {
    hide()
    setTriggerValue("asked", asked)
  }
  let isOpen = bar.dataset.thought === "open" // whether the thought's chips are shown
  let timer = null
  let owner = null // the chip whose card is open
  let pointer = "" // what pressed last: a finger has no hover, so its first touch opens the card

  function hide() {
    clearTimeout(timer)
    owner = null
    if (card.matches(":popover-open")) card.hidePopover()
  }

  function hideSoon() {
    clearTimeout(timer)
    timer = setTimeout(hide, MOMENT)
  }

  function show(chip, piece) {
    clearTimeout(timer)
    if (owner === chip) return
    owner = chip
    card.setAttribute("aria-label", fill(words.card, { text: piece.text }))
    card.replaceChildren(
      make("div", "facts", fill(words.said, { probability: number(piece.probability) })),
      ...(piece.rests ? resting(piece.rests) : []),
      ...choices(piece),
    )
    if (!card.matches(":popover-open")) card.showPopover()
    const at = chip.getBoundingClientRect()
    const size = card.getBoundingClientRect()
    const below = at.bottom + 3 + size.height <= innerHeight || at.top < size.height + 3
    card.style.left = `${Math.max(4, Math.min(at.left, innerWidth - size.width - 4))}px`
    card.style.top = `${below ? at.bottom + 3 : at.top - size.height - 3}px`
  }

  function resting(rests) {
    const values = Object.fromEntries(Object.keys(PARTS).map((part) => [part, rests[part].toFixed(2)]))
    return [make("div", "facts", make("b", "", rests.said)), make("div", "facts", fill(words.parts, values))]
  }

  function choices(piece) {
    const alone = make("button", "alone")
    const [before, after] = words.alone.split("{text}")
    alone.append(make("span", "", before, literal(piece.text), after))
    alone.onclick = () => ask({ span: [piece.start, piece.stop] })
    if (!piece.rivals.length) return [alone]
    const first = piece.stop - piece.start > 1 ? words.whyBegin : words.why
    const rivals = piece.rivals.map((rival, index) => {
      const button = make("button", "rival", literal(rival.text), make("span", "", number(rival.probability)))
      button.disabled = !rival.can_be_asked
      button.setAttribute("aria-label", fill(words.rival, { text: rival.text, probability: number(rival.probability) }))
      button.onclick = () => ask({ token: piece.start, rival: index })
      return button
    })
    return [alone, make("div", "hint", first), ...rivals]
  }

  function chipOf(piece) {
    const chip = make("button", piece.explained && !data.whole ? "chip explained" : "chip", literal(piece.text))
    const named = { text: piece.text, number: piece.start, probability: number(piece.probability) }
    const value = by ? piece.rests[by] : null
    chip.style.setProperty("--amount", Math.max(0, Math.min(1, by ? value / data.decisive : piece.probability)))
    if (by && value < 0) chip.classList.add("against")
    const rests = by && fill(words.rests, { text: piece.text, by: words[PARTS[by]], value: value.toFixed(2) })
    chip.setAttribute("aria-label", rests || fill(kind === "words" ? words.word : words.token, named))
    if (piece.explained && !data.whole) chip.setAttribute("aria-current", "true")
    chip.onpointerdown = (event) => (pointer = event.pointerType)
    chip.onpointerenter = (event) => event.pointerType !== "touch" && show(chip, piece)
    chip.onpointerleave = (event) => event.pointerType !== "touch" && hideSoon()
    chip.onfocus = () => pointer !== "touch" && show(chip, piece)
    chip.onclick = () => {
      const isFirstTouch = pointer === "touch" && owner !== chip
      pointer = ""
      isFirstTouch ? show(chip, piece) : ask({ span: [piece.start, piece.stop] })
    }
    return chip
  }

  function wholeChip() {
    const chip = make("button", "chip whole", words.whole)
    chip.onclick = () => ask({ whole: true })
    chip.onfocus = hide
    return chip
  }

  // Before the answer's chips, one that shows the thought's and hides them again.
  function thoughtChip() {
    const chip = make("button", "chip thought", words.thought)
    chip.title = isOpen ? words.closeThought : words.openThought
    chip.setAttribute("aria-expanded", String(isOpen))
    chip.onclick = () => {
      bar.dataset.thought = isOpen ? "" : "open"
      redraw()
    }
    chip.onfocus = hide
    return chip
  }

  const pieces = data.pieces[kind]
  const hasAnswer = pieces.some((piece) => !piece.thought) // else the thought is all there is
  const folded = hasAnswer && pieces.some((piece) => piece.thought)
  isOpen = isOpen || !folded
  const shown = pieces.filter((piece) => isOpen || !piece.thought)
  const chips = shown.map((piece) => {
    const chip = chipOf(piece)
    if (piece.thought) chip.classList.add("thinking")
    return chip
  })
  if (folded) chips.unshift(thoughtChip())
  if (!data.whole) chips.push(wholeChip())
  const had = parentElement.activeElement ? [...bar.children].indexOf(parentElement.activeElement) : -1
  hide()
  bar.setAttribute("aria-label", kind === "words" ? words.ofWords : words.ofTokens)
  bar.replaceChildren(...chips)
  other.textContent = words[kind === "words" ? "tokens" : "words"]
  other.title = words.about
  other.hidden = !data.pieces.words.length
  other.onclick = () => (put("pieces", kind === "words" ? "" : "words"), redraw())
  const options = Object.entries({ "": "byProbability", ...PARTS }).map(([value, name]) => {
    const option = make("option", "", words[name])
    option.value = value
    return option
  })
  chooser.replaceChildren(...options)
  chooser.value = by
  chooser.hidden = !data.pieces[kind][0].rests
  chooser.setAttribute("aria-label", words.by)
  chooser.onchange = () => (put("chips", chooser.value), redraw())
  bar.classList.toggle("resting", Boolean(by))
  legend.hidden = !by
  legend.querySelector("b").textContent = fill(words.top, { value: data.decisive.toFixed(1) })

  // One stop of the Tab key for all chips; arrows go from one to the next, as in any toolbar.
  const enter = (index) => {
    chips.forEach((chip, other) => (chip.tabIndex = other === index ? 0 : -1))
  }
  const go = (index) => {
    enter(index)
    chips[index].focus()
  }
  enter(Math.min(Math.max(had, 0), chips.length - 1))
  if (had >= 0) go(Math.min(had, chips.length - 1))
  bar.onkeydown = (event) => {
    const at = chips.indexOf(event.target)
    const last = chips.length - 1
    const moves = { ArrowRight: Math.min(at + 1, last), ArrowLeft: Math.max(at - 1, 0), Home: 0, End: last }
    if (event.key in moves) go(moves[event.key])
    else if (event.key === "ArrowDown" && owner) card.querySelector("button:enabled").focus()
    else if (event.key === "Escape") hide()
    else return
    event.preventDefault()
    event.stopPropagation()
  }
  const enterFocused = (event) => enter(Math.max(0, chips.indexOf(event.target)))
  bar.addEventListener("focusin", enterFocused)
  bar.onscroll = hide
  card.onmouseenter = () => clearTimeout(timer)
  card.onmouseleave = hideSoon
  card.onkeydown = (event) => {
    const buttons = [...card.querySelectorAll("button:enabled")]
    const at = buttons.indexOf(event.target)
    const chip = owner
    if (event.key === "ArrowDown") buttons[Math.min(at + 1, buttons.length - 1)].focus()
    else if (event.key === "ArrowUp" && at > 0) buttons[at - 1].focus()
    else if (event.key === "ArrowUp" || event.key === "Escape") chip?.focus()
    else return
    if (event.key === "Escape") hide()
    event.preventDefault()
    event.stopPropagation()
  }
  const leave = (event) => {
    if (!bar.contains(event.relatedTarget) && !card.contains(event.relatedTarget)) hideSoon()
  }
  bar.addEventListener("focusout", leave)
  card.addEventListener("focusout", leave)
  addEventListener("scroll", hide, { capture: true, passive: true })
  return () => {
    removeEventListener("scroll", hide, { capture: true })
    bar.removeEventListener("focusin", enterFocused)
    bar.removeEventListener("focusout", leave)
    card.removeEventListener("focusout", leave)
    hide()
  }
}
